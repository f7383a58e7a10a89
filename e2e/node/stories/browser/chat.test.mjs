// The chat, as people use it: in Chromium, with the SDK for browsers, at a real machine and a real service. It comes from
// the machine's own port, but for those who sign in: their chat is built for a site of its own.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch } from '../../support/browser.mjs';
import { cognito, PASSWORD } from '../../support/cognito.mjs';
import { announcements, look, outline, tabThrough } from '../../support/looks.mjs';
import { hashOf, serve } from '../../support/process.mjs';
import { publisher } from '../../support/publisher.mjs';
import { chatSite } from '../../support/site.mjs';
import { eventually, pause } from '../../support/waiting.mjs';

const OPEN = `
authentication:
  - open: {}
parameters:
  name: { max-length: 64 }
rules:
  - id: everyone
    token-id: "\${request.name}"
    permissions:
      - { role: PublishSubscribe, cache: default-cache, topic: { prefix: "room-" } }
      - { role: ReadWrite, cache: default-cache, item: { key-prefix: "history-" } }
`;

let users, open, closed, pool, signedIn, browser;
const contexts = [];

before(async () => {
  let hash;
  [users, hash, browser, open] = await Promise.all([cognito(), hashOf(PASSWORD), launch(), serve(OPEN)]);
  const file = Object.entries({ ann: 'writers', bob: 'readers', eve: 'strangers' })
    .map(([name, group]) => `${name}:\n  hash: ${hash}\n  groups: [${group}]\n`)
    .join('');
  const rules = `
rules:
  - id: writers
    when: { groups: [writers, ReadWriteUserGroup] }
    permissions:
      - { role: PublishSubscribe, cache: default-cache, topic: all }
  - id: readers
    when: { groups: [readers, ReadOnlyUserGroup] }
    permissions:
      - { role: SubscribeOnly, cache: default-cache, topic: all }
`;
  const cognitoPool = `
authentication:
  - cognito:
      region: us-west-2
      user-pool-id: ${users.pool}
      client-id: "${users.client}"
      issuer: ${users.issuer}
      jwks-uri: ${users.keys}${rules}
limits:
  per-address: 6/m
`;
  [closed, pool] = await Promise.all([
    serve(`authentication:\n  - password: { users: file:users.yaml }${rules}`, { files: { 'users.yaml': file } }),
    serve(cognitoPool),
  ]);
  signedIn = await chatSite({
    VITE_TVM_URL: pool.url,
    VITE_AUTH: 'cognito,oidc',
    VITE_COGNITO_CLIENT_ID: users.client,
    VITE_COGNITO_ENDPOINT: users.endpoint,
    VITE_PARAMETERS: '',
    VITE_VERIFIED_NAMES: 'true',
  });
  for (const { url } of [open, closed]) {
    await eventually('the pages that the launcher builds', async () => (await fetch(`${url}/chat/`)).status === 200, 120_000);
  }
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map(context => context.close()));
});
after(async () => {
  await browser?.close();
  await signedIn?.close();
  await open?.stop();
  await closed?.stop();
  await pool?.stop();
  await users?.stop();
});

async function newContext(options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(60_000);
  contexts.push(context);
  return context;
}

/** A tab with the chat in it. `asked` has the times at which it asked the machine, `said` what it wrote to the console. */
async function visit(site, context, query = '') {
  const page = await (context ?? (await newContext())).newPage();
  const said = [];
  const asked = [];
  const answers = [];
  page.on('console', message => said.push(message));
  page.on('pageerror', error => assert.fail(`the page failed: ${error}`));
  const isVend = url => [open, closed, pool].some(machine => new URL(url).origin === machine.url) && new URL(url).pathname === '/';
  page.on('request', request => {
    if (isVend(request.url()) && request.method() === 'GET') asked.push(Date.now());
  });
  page.on('response', response => {
    if (isVend(response.url()) && response.status() === 200) answers.push(response);
  });
  await page.goto(`${site.url}/chat/${query}`);
  return Object.assign(page, { said, asked, answers });
}

async function join(page, room, name, { password, method } = {}) {
  if (method !== undefined) await page.getByLabel('Sign-in method').selectOption({ label: method });
  await page.getByLabel('Room', { exact: true }).fill(room);
  await page.getByLabel('Name', { exact: true }).fill(name);
  if (password !== undefined) await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Join' }).click();
}

async function withJwt(page, room, jwt) {
  await page.getByLabel('Sign-in method').selectOption({ label: 'Token of an identity provider' });
  await page.getByLabel('Room', { exact: true }).fill(room);
  await page.getByLabel('Token', { exact: true }).fill(jwt);
}

const connected = page => page.getByText('Connected', { exact: true }).waitFor();

async function say(page, text) {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
  await sent(page, text);
}

/** Waits until the service has accepted a message. */
const sent = (page, text) => page.locator('.message', { hasText: text }).locator('.delivery.sent').first().waitFor();

/** What a tab of the user `me` shows as said: who, and what. */
const conversation = (page, me) =>
  page.locator('.message').evaluateAll(
    (lines, me) =>
      lines.map(line => {
        const who = line.querySelector('b').textContent;
        return [who === 'You' ? me : who, line.querySelector('p').textContent];
      }),
    me,
  );

/** Milliseconds from each answer of the machine to the next question, by the browser's own record. */
const waitsBetween = (page, machine) =>
  page.evaluate(machine => {
    const vends = performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname === '/' && name.startsWith(machine));
    return vends.slice(1).map(({ startTime }, i) => startTime - vends[i].responseEnd);
  }, machine);

/** Nothing secret is where it could be found later. */
async function assertNothingKept(page, ...secrets) {
  const kept = await page.evaluate(async () => ({
    local: JSON.stringify(localStorage),
    session: JSON.stringify(sessionStorage),
    cookies: document.cookie,
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    worker: (await navigator.serviceWorker.getRegistrations()).length,
    name: window.name,
    state: history.state,
  }));
  assert.deepEqual(kept, { local: '{}', session: '{}', cookies: '', databases: [], caches: [], worker: 0, name: '', state: null });
  const tokens = await Promise.all(page.answers.map(async answer => (await answer.json()).authToken));
  assert.ok(tokens.length > 0, 'no token was seen');
  const written = [page.url(), ...page.said.map(message => message.text())].join('\n');
  for (const secret of [...tokens, ...secrets]) {
    assert.ok(!written.includes(secret), 'a secret is in the address or in the console');
  }
}

const errors = page => page.said.filter(message => message.type() === 'error').map(message => message.text());

test('two people in one room see each other’s messages, once, in order, under the names in their tokens', async () => {
  const [ann, bob] = [await visit(open), await visit(open)];
  await join(ann, 'one', 'Ann');
  await connected(ann);
  await join(bob, 'one', 'Bob');
  await connected(bob);
  await ann.getByText('Bob joined').waitFor();
  const said = [];
  for (let i = 0; i < 5; i++) {
    await say(ann, `ann says ${i}`);
    await say(bob, `bob says ${i}`);
    said.push(['Ann', `ann says ${i}`], ['Bob', `bob says ${i}`]);
  }
  for (const [page, name] of [[ann, 'Ann'], [bob, 'Bob']]) {
    await eventually('all messages', async () => (await conversation(page, name)).length === said.length);
    assert.deepEqual(await conversation(page, name), said);
  }
  assert.equal(new URL(bob.url()).search, '?room=one');
  await bob.goBack();
  await ann.getByText('Bob left').waitFor();
  await bob.getByRole('button', { name: 'Join' }).waitFor();

  const cyd = await visit(open, undefined, '?room=one');
  await cyd.getByLabel('Name', { exact: true }).fill('Cyd');
  await cyd.getByRole('button', { name: 'Join' }).click();
  await connected(cyd);
  await eventually('the history', async () => (await conversation(cyd, 'Cyd')).length === said.length);
  assert.deepEqual(await conversation(cyd, 'Cyd'), said);
  assert.equal(await cyd.title(), 'one · Chat');
  await cyd.getByRole('button', { name: 'Leave' }).click();
  await cyd.getByRole('button', { name: 'Join' }).waitFor();
  for (const page of [ann, bob]) {
    assert.deepEqual(errors(page), []);
    await assertNothingKept(page);
  }
});

test('a name in a message counts for nothing against the name in the token', async () => {
  const reader = await visit(closed);
  await join(reader, 'forged', 'bob', { password: PASSWORD });
  await connected(reader);
  const writer = await visit(closed);
  await join(writer, 'forged', 'ann', { password: PASSWORD });
  await connected(writer);
  const token = await writer.answers[0].json();
  const forged = JSON.stringify({ kind: 'message', name: 'the boss', text: 'you are all fired' });
  await publisher(token.authToken, token.webEndpoint, 'default-cache')('forged', forged);
  await reader.getByText('you are all fired').waitFor();
  assert.deepEqual(await conversation(reader), [['ann', 'you are all fired']]);
  await reader.locator('.message .verified').waitFor();
});

test('a reader reads, is told why he cannot write, and cannot, the page or no page', async () => {
  const [ann, bob] = [await visit(closed), await visit(closed)];
  await join(bob, 'read', 'bob', { password: PASSWORD });
  await connected(bob);
  await join(ann, 'read', 'ann', { password: PASSWORD });
  await connected(ann);
  await say(ann, 'can you hear me?');
  await bob.getByText('can you hear me?').waitFor();
  assert.equal(await bob.getByLabel('Message', { exact: true }).isDisabled(), true);
  assert.equal(await bob.getByRole('button', { name: 'Send' }).isDisabled(), true);
  await bob.getByText('your token does not allow you to write').waitFor();

  const token = await bob.answers[0].json();
  await assert.rejects(publisher(token.authToken, token.webEndpoint, 'default-cache')('read', 'x'), /gRPC 7/);
  await pause(500);
  assert.deepEqual(await conversation(ann, 'ann'), [['ann', 'can you hear me?']]);
  await assertNothingKept(ann, PASSWORD);
  await assertNothingKept(bob, PASSWORD);
});

for (const [what, name, password, sentence] of [
  ['401', 'ann', 'wrong', /not signed in/i],
  ['403', 'eve', PASSWORD, /Access denied/i],
]) {
  test(`a ${what} ends in a sentence, after one request`, async () => {
    const page = await visit(closed);
    await join(page, 'refused', name, { password });
    const alert = page.getByRole('alert').filter({ hasText: sentence });
    await alert.waitFor();
    await pause(3000);
    assert.equal(page.asked.length, 1, 'it asked again');
    assert.equal(await alert.isVisible(), true);
    await page.getByRole('button', { name: 'Join' }).waitFor();
    // Chromium itself writes down each answer of that kind; the page adds nothing.
    assert.ok(errors(page).every(text => text.startsWith('Failed to load resource')), errors(page).join('\n'));
  });
}

test('a 503 is waited for as long as it says', async () => {
  const page = await visit(open);
  let refused = 0;
  await page.route(`${open.url}/?**`, route =>
    refused++ === 0
      ? route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          headers: { 'retry-after': '4' },
          body: JSON.stringify({ type: 'x/temporarily-unavailable', detail: 'No token is available now.' }),
        })
      : route.continue(),
  );
  await join(page, 'patience', 'Bob');
  await page.getByText('No token is available now.').waitFor();
  await connected(page);
  const waits = await waitsBetween(page, open.url);
  assert.equal(waits.length, 1);
  assert.ok(waits[0] >= 4000, `waited ${waits[0]} ms of 4000`);
});

test('six tabs of one browser share one token, and all of them work', async () => {
  const context = await newContext();
  const tabs = [];
  for (let i = 0; i < 6; i++) {
    const tab = await visit(open, context);
    await join(tab, 'six', 'Sixpack');
    await connected(tab);
    tabs.push(tab);
  }
  assert.equal(tabs.reduce((sum, tab) => sum + tab.asked.length, 0), 1, 'they asked for more than one token');
  for (const [i, tab] of tabs.entries()) await say(tab, `tab ${i}`);
  for (const tab of tabs) {
    await eventually('all six', async () => (await conversation(tab)).length === 6);
    assert.deepEqual((await conversation(tab, 'Sixpack')).map(([, text]) => text), [0, 1, 2, 3, 4, 5].map(i => `tab ${i}`));
    assert.deepEqual(errors(tab), []);
  }
});

test('tabs of different people in one browser have each their own token', async () => {
  const context = await newContext();
  const [ann, bob] = [await visit(open, context), await visit(open, context)];
  await join(ann, 'two', 'Ann');
  await connected(ann);
  await join(bob, 'two', 'Bob');
  await connected(bob);
  await say(bob, 'I am Bob');
  await ann.getByText('I am Bob').waitFor();
  assert.deepEqual(await conversation(ann), [['Bob', 'I am Bob']]);
  assert.deepEqual([ann.asked.length, bob.asked.length], [1, 1]);
});

test('a sign-in at Cognito: groups decide who may write', async () => {
  const [ann, bob] = [await visit(signedIn), await visit(signedIn)];
  const method = 'Sign in with Cognito';
  await join(bob, 'cognito', 'bob', { method, password: PASSWORD });
  await connected(bob);
  await join(ann, 'cognito', 'ann', { method, password: PASSWORD });
  await connected(ann);
  await say(ann, 'signed in');
  await bob.getByText('signed in').waitFor();
  assert.equal(await bob.getByLabel('Message', { exact: true }).isDisabled(), true);
  for (const page of [ann, bob]) {
    assert.deepEqual(errors(page), []);
    await assertNothingKept(page, PASSWORD);
  }
});

test('a wrong password at Cognito ends in a sentence, and the machine is not asked', async () => {
  const page = await visit(signedIn);
  await join(page, 'cognito', 'ann', { method: 'Sign in with Cognito', password: 'wrong' });
  await page.getByRole('alert').filter({ hasText: /password is wrong/ }).waitFor();
  await pause(2000);
  assert.equal(page.asked.length, 0);
});

test('a JWT of any issuer that the machine knows will do', async () => {
  const { IdToken } = await users.signIn('ann');
  const page = await visit(signedIn);
  await withJwt(page, 'oidc', IdToken);
  await page.getByRole('button', { name: 'Join' }).click();
  await connected(page);
  await say(page, 'with a JWT');
  await assertNothingKept(page, IdToken);
});

test('a 429 of the machine is waited for as long as it says', async () => {
  const { IdToken } = await users.signIn('ann');
  const page = await visit(signedIn);
  await withJwt(page, 'patience', IdToken);
  const drained = [];
  while (!drained.includes(429)) {
    drained.push((await fetch(pool.url, { headers: { authorization: `Bearer ${IdToken}` } })).status);
    assert.ok(drained.length < 50, 'the limit was never reached');
  }
  let wait;
  page.on('response', response => {
    if (response.status() === 429) wait = Number(response.headers()['retry-after']) * 1000;
  });
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText(/next attempt in/).waitFor();
  await connected(page);
  assert.ok(wait > 0, 'it was not throttled');
  const waits = await waitsBetween(page, pool.url);
  assert.equal(waits.length, 1);
  assert.ok(waits[0] >= wait, `waited ${waits[0]} ms of ${wait}`);
});

test('the keyboard is enough', async () => {
  const page = await visit(open);
  const room = page.getByLabel('Room', { exact: true });
  await room.focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('keys');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Kay');
  await page.keyboard.press('Enter');
  await connected(page);
  await page.waitForFunction(() => document.activeElement?.id === 'message');
  // On a slow network: the second message is typed before the first has arrived.
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: -1, uploadThroughput: -1 });
  for (const word of ['hello', 'world']) {
    await page.keyboard.type(word);
    await page.keyboard.press('Enter');
    assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), '');
  }
  await page.keyboard.type('two');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('lines');
  await page.keyboard.press('Enter');
  await sent(page, 'lines');
  assert.deepEqual(await conversation(page, 'Kay'), [['Kay', 'hello'], ['Kay', 'world'], ['Kay', 'two\nlines']]);
  await page.waitForFunction(() => document.activeElement?.id === 'message');
  // From the last field back to the first: everything is reached, in order, by its name.
  const reached = [];
  for (const _ of 'log') {
    await page.keyboard.press('Shift+Tab');
    reached.push(await page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.textContent));
  }
  assert.deepEqual(reached.slice(0, 2), ['Messages', 'Leave']);
  await page.getByRole('log', { name: 'Conversation' }).waitFor();
});

test('a screen reader and the keyboard go through the chat in order, and hear what is said and when it is offline', async () => {
  const context = await newContext();
  const page = await visit(open, context);
  await page.getByRole('button', { name: 'Join' }).waitFor();
  assert.deepEqual(await outline(page.locator('body')), ['heading "Chat"', 'textbox "Room"', 'textbox "Name"', 'button "Join"']);
  await page.evaluate(() => document.activeElement.blur());
  await page.locator('h1').click();
  assert.deepEqual(await tabThrough(page), ['Room', 'Name', 'Join']);
  await join(page, 'read aloud', 'Ann');
  await connected(page);
  await say(page, 'Anybody here?');
  const heard = await announcements(page);
  const bob = await visit(open);
  await join(bob, 'read aloud', 'Bob');
  await connected(bob);
  await say(bob, 'I am');
  await eventually('the message', async () => (await heard()).some(text => /^Bob.*I am$/.test(text)));
  await eventually('who joined', async () => (await heard()).some(text => /^Bob joined/.test(text)));
  assert.deepEqual(await outline(page.locator('body')), [
    'heading "read aloud"',
    'status',
    'meter "Remaining life of the token"',
    'button "Leave"',
    'log "Conversation"',
    'list "Messages"',
    ...Array(4).fill('listitem'),
    'textbox "Message"',
    'button "Send" [disabled]',
  ]);
  await page.getByRole('heading').click();
  assert.deepEqual(await tabThrough(page), ['Leave', 'Messages', 'Message']);
  await context.setOffline(true);
  await eventually('the status', async () => (await heard()).includes('Offline'));
  await context.setOffline(false);
  await eventually('the status', async () => (await heard()).includes('Connected'));
});

test('machine and service restarted: exactly one gap is shown, and the chat goes on', async () => {
  const [ann, bob] = [await visit(open), await visit(open)];
  for (const [page, name] of [[ann, 'Ann'], [bob, 'Bob']]) {
    await join(page, 'restart', name);
    await connected(page);
  }
  await say(ann, 'before');
  await bob.getByText('before').waitFor();
  const { port } = new URL(open.url);
  await open.stop();
  await bob.getByText('Offline', { exact: true }).waitFor();
  await bob.getByText(/next attempt in/).waitFor();
  await bob.getByLabel('Message', { exact: true }).fill('while away');
  await bob.keyboard.press('Enter');
  await bob.getByText('Waiting for the connection…').waitFor();
  open = await serve(OPEN, { port });
  for (const page of [ann, bob]) await connected(page);
  await sent(bob, 'while away');
  await say(ann, 'after');
  await bob.getByText('after').waitFor();
  await say(bob, 'at last');
  for (const [page, name] of [[ann, 'Ann'], [bob, 'Bob']]) {
    await page.getByText('at last').waitFor();
    assert.equal(await page.locator('.gap').count(), 1);
    const shown = await conversation(page, name);
    // What was sent at once when the service was back can be before the other's stream.
    assert.deepEqual(shown.filter(([, text]) => text !== 'while away'), [['Ann', 'before'], ['Ann', 'after'], ['Bob', 'at last']]);
    assert.ok(page === ann || shown.some(([, text]) => text === 'while away'));
  }
  await look(bob, 'chat-gap');
});

test('each state of the page is in order, on a desktop and on a phone, light and dark', async () => {
  const context = await newContext();
  const page = await visit(closed, context);
  await look(page, 'chat-join');
  const room = 'a room with a rather long name, for the header';
  await join(page, room, 'ann', { password: 'wrong' });
  await page.getByRole('alert').filter({ hasText: /not signed in/i }).waitFor();
  await look(page, 'chat-rejected');
  await join(page, room, 'ann', { password: PASSWORD });
  await connected(page);
  await look(page, 'chat-empty');
  await say(page, 'Good morning!');
  const reader = await visit(closed, context);
  await join(reader, room, 'bob', { password: PASSWORD });
  await connected(reader);
  await say(page, 'A longer one, to see where the line breaks: averyveryveryveryverylongwordwithoutanyspaceinitthatmustbreaksomewhere.');
  await say(page, 'Two\nlines');
  await look(page, 'chat-room');
  await reader.getByText('lines').waitFor();
  await look(reader, 'chat-reader');
  const token = await page.answers[0].json();
  const publish = publisher(token.authToken, token.webEndpoint, 'default-cache');
  const news = text => publish(room, JSON.stringify({ kind: 'message', name: 'ann', text }));
  for (let i = 1; i <= 30; i++) await news(`News ${i}`);
  await reader.getByText('News 30').waitFor();
  await reader.getByRole('list', { name: 'Messages' }).evaluate(list => (list.scrollTop = 0));
  await eventually('the mark of a message that is below', async () => {
    await news('Later');
    return reader.getByRole('button', { name: /new message/ }).isVisible();
  });
  await look(reader, 'chat-unread');
  await page.route('**/Publish', route =>
    route.fulfill({ headers: { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*', 'grpc-status': '8' } }),
  );
  await page.getByLabel('Message', { exact: true }).fill('One too many');
  await page.keyboard.press('Enter');
  await page.getByText('Not sent. Too many messages at once.').waitFor();
  await look(page, 'chat-failed');
  assert.deepEqual(errors(page).filter(text => !text.startsWith('Failed to load resource')), []);
  await context.setOffline(true);
  await page.getByText('Offline', { exact: true }).waitFor();
  await page.getByLabel('Message', { exact: true }).fill('Are you there?');
  await page.keyboard.press('Enter');
  await page.getByText('Waiting for the connection…').waitFor();
  await look(page, 'chat-offline');
});

// A user signs in at an OpenID Connect issuer, by authorization code with PKCE, in the chat and in the playground.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch } from '../../support/browser.mjs';
import { issuer } from '../../support/issuer.mjs';
import { look } from '../../support/looks.mjs';
import { serve } from '../../support/process.mjs';
import { eventually } from '../../support/waiting.mjs';

/** The seconds of an ID token. The page renews it when half of them have passed. */
const LIFE = 6;

let login, machine, browser;
const contexts = [];

before(async () => {
  login = await issuer(['/chat/', '/playground/'], LIFE);
  browser = await launch();
  machine = await serve(`
token: { ttl: 6s }
authentication:
  - oidc: { issuer: "${login.url}", audience: web, web-client-id: web }
rules:
  - id: members
    permissions:
      - { role: PublishSubscribe, cache: default-cache, topic: { prefix: "room-" } }
`);
  await eventually('the pages that the launcher builds', async () => (await fetch(`${machine.url}/chat/`)).status === 200, 120_000);
});
afterEach(() => Promise.all(contexts.splice(0).map(context => context.close())));
after(async () => {
  await browser?.close();
  await machine?.stop();
  await login?.stop();
});

/** A tab. `asked` has every address that it requested, `bearers` each JWT that the machine got, `exchanges` calls for tokens. */
async function visit(path) {
  const context = await browser.newContext();
  context.setDefaultTimeout(60_000);
  contexts.push(context);
  // The issuer's own pages load a font.
  await context.route(url => !/^(127\.0\.0\.1|(.+\.)?localhost)$/.test(url.hostname), route => route.abort());
  const page = await context.newPage();
  const [said, asked, exchanges, bearers] = [[], [], [], new Set()];
  page.on('console', message => said.push(message.text()));
  page.on('pageerror', error => said.push(String(error)));
  page.on('request', request => {
    asked.push(request.url());
    if (request.url() === `${login.url}/token` && request.method() === 'POST') exchanges.push(request.postData());
    const { authorization } = request.headers();
    if (authorization && request.url().startsWith(machine.url)) bearers.add(authorization.replace(/^Bearer /, ''));
  });
  await page.goto(machine.url + path);
  return Object.assign(page, { said, asked, exchanges, bearers });
}

const connected = page => page.getByText('Connected', { exact: true }).waitFor();

/** In the chat, goes to the issuer for the room `name`. */
async function leave(page, name) {
  await page.getByLabel('Room', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Sign in and join' }).click();
  await page.waitForURL(`${login.url}/**`);
}

/** At the issuer: signs in and agrees. */
async function agree(page, user) {
  await page.locator('[name=login]').fill(user);
  await page.locator('[name=password]').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** No token or code is in an address, in the console, in the server's log, or kept by the browser. */
async function assertNothingKept(page) {
  assert.ok(page.bearers.size > 0, 'no JWT was seen');
  const kept = await page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, name, await indexedDB.databases()]));
  assert.equal(kept, JSON.stringify([{}, {}, '', null, '', []]));
  const written = [...page.asked, ...page.said, page.url(), machine.output(), machine.errors()];
  for (const secret of page.bearers) assert.ok(!written.some(text => text.includes(secret)), 'a JWT was written');
  assert.doesNotMatch(page.url(), /code=|state=/);
  assert.deepEqual(page.said.filter(text => /Content.Security|policy|Error/i.test(text)), []);
}

test('the chat signs a user in, and renews the sign-in while the user chats', async () => {
  const page = await visit('/chat/');
  await leave(page, 'room-one');
  await agree(page, 'ann');
  await connected(page);
  assert.equal(page.url(), `${machine.url}/chat/?room=room-one`);

  const asked = login.requested.at(-1);
  assert.equal(asked.response_type, 'code');
  assert.equal(asked.redirect_uri, `${machine.url}/chat/`);
  assert.equal(asked.code_challenge_method, 'S256');
  assert.match(asked.code_challenge, /^[\w-]{43}$/);
  assert.match(asked.state, /^[\w-]{43}$/);
  assert.match(asked.nonce, /^[\w-]{43}$/);
  assert.notEqual(asked.state, asked.nonce);

  // Nothing of the page is loaded again.
  await page.evaluate(() => (window.same = true));
  await eventually('two renewals', () => login.granted.filter(type => type === 'refresh_token').length >= 2);
  await eventually('tokens for the renewed JWTs', () => page.bearers.size >= 3);
  assert.equal(await page.evaluate(() => window.same), true);
  await page.getByLabel('Message', { exact: true }).fill('still here');
  await page.keyboard.press('Enter');
  await page.locator('.message', { hasText: 'still here' }).locator('.delivery.sent').waitFor();
  await assertNothingKept(page);

  // Developers can paste a JWT.
  const [jwt] = [...page.bearers].slice(-1);
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.getByLabel('Sign-in method').selectOption({ label: `Paste a token of ${new URL(login.url).host}` });
  await page.getByLabel('Room', { exact: true }).fill('room-one');
  await page.getByLabel('Token', { exact: true }).fill(jwt);
  await page.getByRole('button', { name: 'Join' }).click();
  await connected(page);
});

test('a sign-in that the issuer ends is reported', async () => {
  const page = await visit('/chat/');
  await leave(page, 'room-two');
  await agree(page, 'bob');
  await connected(page);
  let refused = 0;
  await page.route(`${login.url}/token`, route => {
    refused++;
    return route.fulfill({ status: 400, headers: { 'access-control-allow-origin': '*' }, json: { error: 'invalid_grant' } });
  });
  await page.getByText('Your sign-in has ended. Sign in again.').waitFor();
  await look(page, 'chat-sign-in-ended');
  assert.equal(refused, 1);
  assert.equal(new URLSearchParams(page.exchanges.at(-1)).get('grant_type'), 'refresh_token');
});

test('an answer that belongs to no sign-in of the tab is rejected', async () => {
  const page = await visit('/chat/?code=stolen&state=other');
  await page.getByRole('alert').filter({ hasText: 'did not begin in this tab' }).waitFor();
  assert.equal(page.url(), `${machine.url}/chat/`);

  await leave(page, 'room-three');
  const query = new URLSearchParams({ code: 'stolen', state: 'other', iss: login.url });
  await page.goto(`${machine.url}/chat/?${query}`);
  await page.getByRole('alert').filter({ hasText: 'not valid' }).waitFor();
  assert.equal(page.url(), `${machine.url}/chat/`);
  assert.deepEqual(page.exchanges, [], 'the code was used');
  assert.equal(page.bearers.size, 0);
});

test('an ID token with another nonce is rejected', async () => {
  const page = await visit('/chat/');
  await leave(page, 'room-four');
  await page.route(`${login.url}/token`, async route => {
    const response = await route.fetch();
    const answer = await response.json();
    const [header, claims, signature] = answer.id_token.split('.');
    const changed = { ...JSON.parse(Buffer.from(claims, 'base64url')), nonce: 'another' };
    answer.id_token = [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
    await route.fulfill({ response, json: answer });
  });
  await agree(page, 'ann');
  await page.getByRole('alert').filter({ hasText: 'not valid' }).waitFor();
  assert.equal(page.exchanges.length, 1);
  assert.equal(page.bearers.size, 0);
});

test('a user who cancels returns to the form', async () => {
  const page = await visit('/chat/');
  await leave(page, 'room-five');
  await page.getByRole('link', { name: /Cancel/ }).click();
  await page.getByRole('alert').filter({ hasText: 'The sign-in was canceled.' }).waitFor();
  await look(page, 'chat-sign-in-canceled');
  await page.getByLabel('Sign-in method').selectOption({ index: 1 });
  await page.getByLabel('Token', { exact: true }).waitFor();
  await look(page, 'chat-token');
  await page.getByLabel('Sign-in method').selectOption({ index: 0 });
  await page.getByRole('button', { name: 'Sign in and join' }).waitFor();
  assert.equal(page.bearers.size, 0);
});

test('the playground signs a user in, keeps the form, and vends', async () => {
  const page = await visit('/playground/');
  await page.locator('.ask .choice label', { hasText: 'Sign in' }).click();
  await page.getByText('Request less').click();
  await page.getByLabel(/A shorter lifetime/).fill('5s');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${login.url}/**`);
  await agree(page, 'cyd');
  await page.getByText(/Signed in at .* as cyd/).waitFor();
  assert.equal(login.requested.at(-1).redirect_uri, `${machine.url}/playground/`);
  assert.equal(await page.getByLabel(/A shorter lifetime/).inputValue(), '5s');
  await page.getByRole('button', { name: 'Vend', exact: true }).click();
  await page.getByText('Vended', { exact: true }).waitFor();
  await page.locator('section[aria-labelledby=answer] dd', { hasText: /^cyd$/ }).waitFor();
  await assertNothingKept(page);
  await page.getByRole('button', { name: 'Vend again' }).waitFor();
  await look(page, 'playground-expired', { fullPage: true });
  await page.getByRole('button', { name: 'Sign out here' }).click();
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
});

// A developer looks: the first page, and the playground, as the launcher built them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { launch } from '../../support/browser.mjs';
import { cognito, PASSWORD } from '../../support/cognito.mjs';
import { announcements, assertAccessible, look, outline, tabThrough } from '../../support/looks.mjs';
import { hashOf, serve } from '../../support/process.mjs';
import { listen } from '../../support/site.mjs';
import { NARROW } from '../../support/vending.mjs';
import { eventually } from '../../support/waiting.mjs';

const LIMIT = 60_000;

let server, browser;
before(async () => {
  server = await serve(NARROW);
  browser = await launch();
  await eventually('the pages that the launcher builds', async () => (await fetch(`${server.url}/playground/`)).status === 200, 120_000);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page at `path` that keeps what it was told: complaints of the console, and what it asked for. */
async function open(path, { at = server, ...options } = {}) {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(LIMIT);
  const complaints = [];
  const asked = [];
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('request', request => asked.push(request.url()));
  const response = await page.goto(at.url + path);
  return { page, complaints, asked, headers: response.headers() };
}

/** What the page keeps in the browser. */
const kept = page => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));

const WEB = fileURLToPath(new URL('../../../../web/', import.meta.url));
const STORIES = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles a program with the client library. */
async function bundle(program, platform) {
  const { outputFiles } = await build({
    stdin: { contents: program, loader: 'jsx', resolveDir: STORIES },
    bundle: true,
    write: false,
    format: 'esm',
    platform,
    target: 'es2022',
    jsx: 'automatic',
    alias: Object.fromEntries(
      ['topics', 'react', 'node', ''].map(name => [`tokenvending-client${name && `/${name}`}`, join(WEB, `client/src/${name || 'index'}.ts`)]),
    ),
    nodePaths: [join(WEB, 'node_modules')],
    external: platform === 'node' ? ['@gomomento/sdk'] : [],
    define: platform === 'browser' ? { global: 'window' } : {},
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** Runs a script in a page of another origin, until `result` returns what the page wrote or shows. */
async function inPage(program, result) {
  const script = await bundle(program, 'browser');
  const site = await listen(path =>
    path === '/program.js'
      ? { type: 'text/javascript', body: script }
      : { type: 'text/html', body: '<!doctype html><link rel="icon" href="data:,"><body></body><script type="module" src="/program.js"></script>' },
  );
  const page = await browser.newPage();
  page.setDefaultTimeout(LIMIT);
  try {
    const written = [];
    page.on('console', message => written.push(message.text()));
    page.on('pageerror', error => written.push(String(error)));
    await page.goto(site.url);
    return await result(page, written);
  } finally {
    await page.close();
    await site.close();
  }
}

const inBrowser = program =>
  inPage(program, async (_, written) => {
    await eventually('what the program writes', () => written.length > 0);
    return written.join('\n');
  });

const inReact = program =>
  inPage(`${program}\nimport { createRoot } from "react-dom/client";\ncreateRoot(document.body).render(<App />);`, async page => {
    if (program.includes('useTopic')) {
      await page.getByText('live', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Publish' }).click();
    }
    await page.locator('li, p', { hasText: 'hello' }).first().waitFor();
    return page.locator('body').innerText();
  });

const inNode = async program => run(process.execPath, ['--input-type=module', '--eval', await bundle(program, 'node')], { first: true });

async function inJava(program) {
  const folder = await mkdtemp(join(tmpdir(), 'tvm-java-'));
  try {
    await writeFile(join(folder, 'Vend.java'), program);
    const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/java') : 'java';
    return await run(java, [join(folder, 'Vend.java')]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns what a command writes: until it ends, or its first words. */
async function run(command, options, { first = false } = {}) {
  const child = spawn(command, options, { cwd: STORIES, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stderr.on('data', text => (errors += text));
  child.stdout.on('data', text => {
    output += text;
    if (first) child.kill();
  });
  const [code, signal] = await once(child, 'close');
  assert.ok(code === 0 || signal === 'SIGTERM', `it ended with ${code}:\n${output}${errors}`);
  return output;
}

const part = (page, id) => page.locator(`section[aria-labelledby=${id}]`);

async function vend(page) {
  await page.getByRole('button', { name: 'Vend', exact: true }).click();
  await part(page, 'answer').getByText('Vended', { exact: true }).waitFor();
}

/** What came of it, once it is there. */
async function attempt(page, call, name) {
  const section = part(page, 'try');
  const before = await section.locator('.log li').count();
  await section.locator('label', { hasText: call }).first().click();
  await section.getByLabel(/^(topic|key)$/).fill(name);
  await section.getByRole('button', { name: 'Try' }).click();
  await eventually(`an outcome of ${call}`, async () => (await section.locator('.log li').count()) > before, LIMIT);
  return section.locator('.log li').first().innerText();
}

test('a browser at the root is shown the way', async () => {
  const { page, complaints, headers } = await open('/', { permissions: ['clipboard-read', 'clipboard-write'] });
  assert.match(headers['content-security-policy'], /^default-src 'none'/);
  assert.equal(await page.getByRole('link', { name: /^Playground/ }).getAttribute('href'), '/playground/');
  assert.equal(await page.getByRole('link', { name: /^Chat/ }).getAttribute('href'), '/chat/');
  await page.getByText('momento-local').first().waitFor();
  await page.getByText(/\/tvm\.yaml$/).waitFor();
  await page.getByRole('button', { name: 'Copy: Vend a token' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Copied: Vend a token' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `curl '${server.url}/?name=Taylor'`);
  await assertAccessible(page);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('the playground vends, explains, and shows what is refused', async () => {
  const { page, complaints, asked, headers } = await open('/playground/');
  assert.match(headers['content-security-policy'], /script-src 'self'; style-src 'self'/);
  assert.doesNotMatch(headers['content-security-policy'], /unsafe/);
  await page.getByRole('heading', { name: 'Request a token' }).waitFor();
  assert.deepEqual(complaints, [], 'the page complained while it loaded');
  const paths = asked.map(url => new URL(url).pathname);
  assert.ok(!paths.includes('/') && !paths.includes('/playground/api/explain'), `asked before anybody did anything: ${asked}`);

  // By keyboard, and the focus stays.
  await page.getByRole('button', { name: 'Vend', exact: true }).focus();
  await page.keyboard.press('Enter');
  await part(page, 'answer').getByText('Vended', { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Vend');
  const table = part(page, 'answer').getByRole('table');
  assert.equal(await table.getByRole('row').count(), 5);
  assert.match(await table.innerText(), /get\s*set\s*ReadWrite\s+default-cache\s+items that begin with mine-/);
  assert.match(await part(page, 'answer').getByRole('img').getAttribute('aria-label'), /^Valid for /);
  assert.match(await part(page, 'why').innerText(), /granted\s+by rule everyone[\s\S]*matches: no condition/);
  assert.match(await part(page, 'code').innerText(), /curl '.*\/\?name=Taylor'/);

  assert.match(await attempt(page, 'set', 'mine-1'), /^allowed/);
  assert.match(await attempt(page, 'get', 'mine-1'), /^allowed[\s\S]*hit: hello/);
  assert.match(await attempt(page, 'set', 'theirs-1'), /^refused[\s\S]*PERMISSION_ERROR/);
  assert.match(await attempt(page, 'publish', 'news'), /^refused[\s\S]*PERMISSION_ERROR/);
  assert.match(await attempt(page, 'subscribe', 'news'), /^allowed[\s\S]*listening/);

  assert.match(await attempt(page, 'publish', 'hall'), /The token allows publish only on the topic inbox in the cache library\./);
  assert.equal(await kept(page), JSON.stringify([{}, {}, '']));
  // The address has the last values of the form.
  await page.getByRole('textbox', { name: 'name' }).fill('Robin');
  await vend(page);
  await page.reload();
  assert.equal(await page.getByRole('textbox', { name: 'name' }).inputValue(), 'Robin');
  // Momento's SDK reports refusals that it was told of, and Chromium each answer that is no success.
  assert.deepEqual(complaints.filter(text => /Content.Security|policy/i.test(text)), []);
  await assertAccessible(page);
  await page.close();
});

test('the latest requests are watched from the start, opened, filtered and paused', async () => {
  const { page, asked } = await open('/playground/');
  const looks = () => asked.filter(url => url.includes('/playground/api/events')).length;
  await eventually('a second look', () => looks() >= 2);
  await page.getByRole('textbox', { name: 'name' }).fill('Watched');
  await vend(page);
  const events = part(page, 'events');
  const row = events.getByRole('row').filter({ hasText: 'Watched' });
  await row.getByRole('cell', { name: 'vended' }).waitFor();
  await row.getByRole('button').click();
  await events.getByRole('row').filter({ hasText: 'Request id' }).getByText('mine-').waitFor();
  await assertAccessible(page);
  await events.getByText('Rejected', { exact: true }).click();
  await row.waitFor({ state: 'detached' });
  await events.getByText('All', { exact: true }).click();
  await events.getByRole('searchbox').fill('watched');
  assert.equal(await events.getByRole('cell', { name: 'vended' }).count(), 1);
  await events.getByRole('button', { name: 'Pause' }).click();
  const before = looks();
  await page.waitForTimeout(1500);
  assert.ok(looks() <= before + 1, 'it goes on asking');
  await page.close();
});

test('each state of the pages is in order, on a desktop and on a phone, light and dark', async () => {
  const { page: start } = await open('/');
  await look(start, 'start', { fullPage: true });
  await start.close();
  const { page } = await open('/playground/');
  const parts = page.getByRole('navigation', { name: 'Parts of this page' });
  const lookAt = (name, part) => look(page, `playground-${name}`, { fullPage: true, show: () => parts.getByRole('button', { name: part }).click() });
  await page.getByRole('heading', { name: 'Request a token' }).waitFor();
  await lookAt('start', 'Request');
  await vend(page);
  await attempt(page, 'publish', 'news');
  await lookAt('try', 'Try');
  await part(page, 'code').locator('.choice').getByText('Browser', { exact: true }).click();
  await lookAt('code', 'Code');
  const row = part(page, 'events').getByRole('row').filter({ has: page.getByRole('cell', { name: 'vended' }) }).first();
  await row.getByRole('button').click();
  await lookAt('log', 'Log');
  await page.getByText('Request less').click();
  await page.getByLabel(/Fewer permissions/).fill('ReadWrite cache=attic');
  await page.getByRole('button', { name: 'Vend', exact: true }).click();
  await part(page, 'answer').getByText('403', { exact: true }).waitFor();
  await lookAt('rejected', 'Answer');
  await page.getByText('Simulate', { exact: true }).click();
  await page.getByRole('button', { name: 'Explain' }).click();
  await part(page, 'answer').getByText('No request was sent').waitFor();
  await lookAt('simulated', 'Answer');
  await page.close();
});

test('a screen reader and the keyboard go through the pages in order, and hear what changes', async () => {
  const { page: start } = await open('/');
  const commands = ['Vend a token', 'Use it in an app'];
  assert.deepEqual(await outline(start.locator('body')), [
    'heading "Token vending machine"',
    'term',
    'term',
    'navigation "Pages"',
    'link "Playground Vend a token and try what it allows"',
    'link "Chat Rooms and messages, with vended tokens"',
    ...commands.flatMap(name => [`heading "${name}"`, `region "${name}"`, `button "Copy: ${name}"`]),
    'heading "Documentation"',
  ]);
  const links = ['Playground\nVend a token and try what it allows', 'Chat\nRooms and messages, with vended tokens'];
  assert.deepEqual(await tabThrough(start), [...links, ...commands.flatMap(name => [name, `Copy: ${name}`])]);
  await start.close();

  const { page } = await open('/playground/');
  await page.getByRole('heading', { name: 'Request a token' }).waitFor();
  // The filters are there when a request is.
  await fetch(`${server.url}/?name=Taylor`);
  await part(page, 'events').getByRole('searchbox').waitFor();
  const heard = await announcements(page);
  const form = ['Skip to the result', 'Start', 'Chat', 'Anonymous', 'name optional', 'Request less', 'Vend'];
  const log = ['Pause', 'All', 'Filter by caller, rule, token id or reason', 'Table of the latest requests'];
  assert.deepEqual((await tabThrough(page)).slice(0, form.length + log.length), [...form, ...log]);
  // The link goes to the result: what comes next is in it.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Pause');

  await vend(page);
  await eventually('the outcome', async () => (await heard()).some(text => /^200Vended\d+ ms/.test(text)));
  const answer = ['Permissions', 'Show', 'Copy', 'What the rule gives'];
  const rest = ['Copy', 'curl', 'curl', 'publish', 'cache', 'topic', 'value', 'Try', ...log];
  await page.locator('#result').focus();
  assert.deepEqual((await tabThrough(page)).slice(0, answer.length + rest.length), [...answer, ...rest]);
  assert.deepEqual((await outline(part(page, 'answer'))).map(one => one.replace(/for .* more/, 'for …')), [
    'region "Answer"',
    'heading "Answer"',
    'status',
    'img "Valid for …"',
    ...Array(4).fill('term'),
    'region "Permissions"',
    ...['Allows', 'In cache', 'On'].map(name => `columnheader "${name}"`),
    'button "Show"',
    'button "Copy"',
  ]);
  assert.match(await attempt(page, 'publish', 'hall'), /^refused/);
  assert.ok((await heard()).some(text => /^refusedpublish default-cache hall/.test(text.replaceAll('\n', ''))), (await heard()).join('\n'));
  assert.deepEqual(await outline(part(page, 'events').locator('.headline')), ['heading "Latest requests"', 'button "Pause"']);
  await page.close();
});

test('each program does what the request did, as it is shown', async () => {
  const machine = await serve();
  const { page } = await open('/playground/', { at: machine });
  try {
    await vend(page);
    const shown = async language => {
      await part(page, 'code').locator('.choice').getByText(language, { exact: true }).click();
      return part(page, 'code').getByRole('region', { name: language }).innerText();
    };
    const runs = [
      [await shown('curl'), program => run('bash', ['-c', program]), /"authToken":"/],
      [await shown('Browser'), inBrowser, /Taylor hello/],
      [await shown('React'), inReact, /hello/],
      [await shown('Node.js'), inNode, /Taylor hello/],
      [await shown('Java'), inJava, /^200 .*"authToken":"/],
    ];
    await attempt(page, 'set', 'greeting');
    runs.push([await shown('Browser'), inBrowser, /Success/], [await shown('Node.js'), inNode, /Success/]);
    await attempt(page, 'get', 'greeting');
    runs.push([await shown('React'), inReact, /Hit hello/]);
    await Promise.all(runs.map(async ([program, runIt, expected]) => assert.match(await runIt(program), expected, program)));
  } finally {
    await page.close();
    await machine.stop();
  }
});

test('a caller can be simulated, and nothing is vended', async () => {
  const { page, asked } = await open('/playground/');
  await page.getByText('Simulate', { exact: true }).click();
  await page.getByRole('button', { name: 'Explain' }).click();
  // The caller is one that the file knows.
  await part(page, 'why').getByText('granted', { exact: true }).waitFor();
  assert.ok(!asked.some(url => new URL(url).pathname === '/'), 'it vended');
  await page.close();
});

test('a password, a sign-in and a JWT get what the policy gives them, and nothing of them is kept', async () => {
  const users = await cognito();
  let machine;
  try {
    machine = await serve(
      `
authentication:
  - password: { users: file:users.yaml }
  - cognito:
      region: us-west-2
      user-pool-id: ${users.pool}
      client-id: "${users.client}"
      issuer: ${users.issuer}
      jwks-uri: ${users.keys}
rules:
  - id: staff
    when: { claims: { iss: password } }
    token-id: "staff/\${subject}"
    permissions:
      - { role: PublishSubscribe, cache: default-cache, topic: all }
  - id: writers
    when: { groups: [ReadWriteUserGroup], claims: { iss: "${users.issuer}" } }
    token-id: "pool/\${subject}"
    permissions:
      - { role: PublishSubscribe, cache: default-cache, topic: all }
  - id: readers
    when: { groups: [ReadOnlyUserGroup], claims: { iss: "${users.issuer}" } }
    token-id: "pool/\${subject}"
    permissions:
      - { role: SubscribeOnly, cache: default-cache, topic: all }
`,
      { files: { 'users.yaml': `cyd:\n  hash: ${await hashOf(PASSWORD)}\n` } },
    );
    const { page, asked } = await open('/playground/', { at: machine });
    const said = [];
    page.on('console', message => said.push(message.text()));
    const as = async (way, fields) => {
      await page.locator('.ask .choice label', { hasText: way }).click();
      for (const [label, value] of Object.entries(fields)) await page.getByRole('textbox', { name: label, exact: true }).fill(value);
    };
    const answer = part(page, 'answer');
    const holder = (id, rule) =>
      Promise.all([answer.locator('dd', { hasText: id }).first().waitFor(), part(page, 'why').getByText(`by rule ${rule}`).waitFor()]);

    await as('Password', { User: 'cyd', Password: 'wrong' });
    await page.getByRole('button', { name: 'Vend', exact: true }).click();
    await answer.getByText('401', { exact: true }).waitFor();
    assert.equal(asked.filter(url => new URL(url).pathname === '/').length, 1);

    await as('Password', { User: 'cyd', Password: PASSWORD });
    await vend(page);
    await holder(/^staff\/cyd$/, 'staff');
    assert.match(await attempt(page, 'publish', 'news'), /^allowed/);
    assert.match(await part(page, 'code').innerText(), /curl.*\n.*--user 'cyd'/);
    const secrets = [PASSWORD];

    await as('Cognito', { User: 'bob', Password: PASSWORD });
    await vend(page);
    await holder(/^pool\//, 'readers');
    assert.match(await attempt(page, 'publish', 'news'), /^refused[\s\S]*PERMISSION_ERROR/);
    await as('Cognito', { User: 'bob', Password: 'wrong' });
    await page.getByRole('button', { name: 'Vend', exact: true }).click();
    await answer.getByText(/password is wrong/).waitFor();

    const { IdToken } = await users.signIn('ann');
    secrets.push(IdToken);
    await as('JWT', { JWT: IdToken });
    await vend(page);
    await holder(/^pool\//, 'writers');
    assert.match(await attempt(page, 'publish', 'news'), /^allowed/);

    await answer.getByRole('button', { name: 'Show' }).click();
    secrets.push(await answer.locator('.secret code').innerText());
    assert.equal(await kept(page), JSON.stringify([{}, {}, '']));
    for (const secret of secrets) {
      assert.ok(![...said, ...asked, page.url()].some(text => text.includes(secret)), 'a secret is in an address or in the console');
    }
    assert.deepEqual(said.filter(text => /Content.Security|policy/i.test(text)), []);
    await assertAccessible(page);
    await page.close();
  } finally {
    await machine?.stop();
    await users.stop();
  }
});

test('without the pages the server vends, and says what is missing', async () => {
  const bare = await serve(undefined, { environment: { TVM_PAGES: 'no' } });
  try {
    assert.match(bare.output(), /^ {2}pages {4}unavailable: /m);
    const response = await fetch(`${bare.url}/chat/`);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /This server was started without the folder of the demo pages/);
    assert.equal((await fetch(`${bare.url}/?name=Taylor`)).status, 200);
  } finally {
    await bare.stop();
  }
});

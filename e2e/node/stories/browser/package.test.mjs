// The client library as others get it: packed, in a project of its own that knows nothing of this repository.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, test } from 'node:test';
import { launch } from '../../support/browser.mjs';
import { serve } from '../../support/process.mjs';
import { folderSite } from '../../support/site.mjs';
import { eventually } from '../../support/waiting.mjs';

const WEB = fileURLToPath(new URL('../../../../web', import.meta.url));
const tool = name => join(WEB, 'node_modules/.bin', name);

let project;

/** Runs a program in the project; its output. */
async function run(program, values, cwd = project) {
  try {
    return (await promisify(execFile)(program, values, { cwd })).stdout;
  } catch (error) {
    assert.fail(`${program} ${values.join(' ')}\n${error.stdout}\n${error.stderr}`);
  }
}

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'tvm-project-'));
  const library = join(project, 'node_modules/tokenvending-client');
  await mkdir(library, { recursive: true });
  const [{ filename }] = JSON.parse(await run('npm', ['pack', '--json', '--silent', '--pack-destination', project], join(WEB, 'client')));
  await run('tar', ['-xzf', filename, '-C', library, '--strip-components=1']);
  await symlink(join(WEB, 'node_modules/@gomomento'), join(project, 'node_modules/@gomomento'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
});
after(() => rm(project, { recursive: true, force: true }));

test('a Node.js program publishes, receives and ends when all is closed', async () => {
  const machine = await serve();
  try {
    const program = `
      import { none, TokenSource, TopicsClient } from 'tokenvending-client/node';
      const source = new TokenSource({ url: '${machine.url}/', credentials: none(), parameters: { name: 'Taylor' } });
      const topics = new TopicsClient(source);
      await new Promise(async resolve => {
        const subscription = topics.subscribe('default-cache', 'lobby', {
          onItem: item => (console.log(item.tokenId, JSON.stringify(item.value)), item.value === 'end' && resolve()),
          onError: error => console.log(error.code, error.message),
        });
        await subscription.ready;
        for (const value of ['hello', '', 'end']) await topics.publish('default-cache', 'lobby', value);
      });
      topics.close();
      source.close();`;
    const said = await run(process.execPath, ['--input-type=module', '-e', program]);
    assert.equal(said, 'Taylor "hello"\nTaylor ""\nTaylor "end"\n');
  } finally {
    await machine.stop();
  }
});

test('in Node.js the entry point for browsers says what to import, and does not end the process', async () => {
  const program = `
    import { TokenSource } from 'tokenvending-client';
    import { TopicsClient } from 'tokenvending-client/topics';
    const source = TokenSource.custom(async () => ({ authToken: 'a.b.c', expiresIn: 60 }));
    new TopicsClient(source).subscribe('chat', 'lobby', { onItem() {}, onError: error => (console.log(error.code), source.close()) });`;
  assert.equal(await run(process.execPath, ['--input-type=module', '-e', program]), 'SDK_NOT_LOADED\n');
});

test('the example in its README compiles, strictly, and runs', async () => {
  const readme = await readFile(join(WEB, 'client/README.md'), 'utf8');
  const example = /^```ts\n([^]*?)^```$/m.exec(readme)[1];
  assert.ok(example.trim().split('\n').length <= 12, 'the example grew');
  const site = await folderSite(join(project, 'dist'));
  const machine = await serve(`
authentication:
  - open: {}
parameters:
  name: { max-length: 64 }
rules:
  - id: everyone
    token-id: "\${request.name}"
    permissions:
      - { role: PublishSubscribe, cache: chat, topic: all }
cors:
  allow-origins: ["${site.url}"]
`);
  const browser = await launch();
  try {
    await writeFile(join(project, 'index.html'), '<!doctype html><title>example</title><link rel="icon" href="data:,"><script type="module" src="/main.ts"></script>');
    await writeFile(join(project, 'main.ts'), example.replace('https://tvm.example.com/', `${machine.url}/`));
    await run(tool('tsc'), '--noEmit --strict --target es2022 --module esnext --moduleResolution bundler main.ts'.split(' '));
    await run(tool('vite'), ['build', '--logLevel', 'error', '--target', 'es2022']);
    const page = await browser.newPage();
    const said = [];
    page.on('console', message => said.push(message.text()));
    page.on('pageerror', error => said.push(String(error)));
    await page.goto(site.url);
    await eventually('its own message', () => said.length > 0);
    assert.deepEqual(said, ['Taylor hello']);
  } finally {
    await browser.close();
    await machine.stop();
    await site.close();
  }
});

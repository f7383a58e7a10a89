// Which policy file is served: never the built-in one in place of a file that the server could have overlooked.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import Ajv from 'ajv';
import { hashOf, LAUNCHER, serveIn } from '../../support/process.mjs';

const KEY = { MOMENTO_API_KEY: 'no real key' };
const POLICY = 'authentication:\n  - password: { users: "file:nützer.yaml" }\nrules:\n  - id: users\n    permissions: [{ role: ReadOnly, cache: a, item: all }]\n';
let folder;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tvm-policy-'))));
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

function tvm(args, { cwd = folder, environment = {}, before = '' } = {}) {
  const { MOMENTO_API_KEY, ...own } = process.env;
  const command = before === '' ? 'exec "$0" "$@"' : `${before} "$0" "$@"`;
  return spawnSync('bash', ['-c', command, LAUNCHER, ...args], { cwd, encoding: 'utf8', timeout: 60_000, env: { ...own, TVM_PAGES: 'no', ...environment } });
}

for (const locale of ['C', 'POSIX', 'C.UTF-8']) {
  test(`a folder and files with names that are not ASCII are found where the locale is ${locale}`, async () => {
    const named = join(folder, 'Søren');
    mkdirSync(named);
    writeFileSync(join(named, 'tvm.yaml'), POLICY);
    writeFileSync(join(named, 'nützer.yaml'), `zoë: { hash: "${await hashOf('right')}" }\n`);
    const environment = { LC_ALL: locale, LANG: locale };
    const server = await serveIn(named, environment);
    const status = authorization => fetch(server.url, { headers: authorization ? { authorization: `Basic ${Buffer.from(authorization).toString('base64')}` } : {} }).then(answer => answer.status);
    assert.equal(await status(), 401);
    assert.equal(await status('zoë:right'), 200);
    await server.stop();

    writeFileSync(join(folder, 'Größe.yaml'), 'authentication: [open: {}]\nparameters: { name: { max-length: 9 } }\nrules:\n  - id: a\n    token-id: "${request.name}"\n    permissions: [{ role: ReadOnly, cache: a, item: all }]\n');
    const explained = tvm(['explain', '--config', 'Größe.yaml', '--param', 'name=Zoë'], { environment });
    assert.equal(explained.status, 0, explained.stderr);
    assert.match(explained.stdout, /token id +Zoë/);
  });
}

test('with an API key and no file nothing is served', () => {
  for (const cwd of [folder, '/']) {
    const ended = tvm(['serve', '--port', '0'], { cwd, environment: KEY });
    assert.equal(ended.status, 2, ended.stderr);
    assert.match(ended.stderr, /there is no tvm\.yaml in \/.* --config default/);
    assert.equal(ended.stdout, '');
  }
});

test('what could be the file is never taken for its absence', () => {
  const kinds = {
    'a dangling link': () => symlinkSync('nowhere', join(folder, 'tvm.yaml')),
    'a folder': () => mkdirSync(join(folder, 'tvm.yaml')),
    'another ending': () => writeFileSync(join(folder, 'tvm.yml'), POLICY),
    'other letters': () => writeFileSync(join(folder, 'TVM.yaml'), POLICY),
  };
  for (const [kind, make] of Object.entries(kinds)) {
    make();
    for (const environment of [{}, KEY]) {
      const ended = tvm(['serve', '--port', '0'], { environment });
      assert.equal(ended.status, 2, `${kind}: ${ended.stderr}`);
      assert.match(ended.stderr, /tvm\.ya?ml/i);
    }
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  }
});

test('a folder that cannot be searched is an error', () => {
  writeFileSync(join(folder, 'tvm.yaml'), POLICY);
  // Root may search everything, unless it gives the right up.
  const without = process.getuid() === 0 ? 'setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search' : '';
  for (const environment of [{}, KEY]) {
    const ended = tvm(['serve', '--port', '0'], { before: `chmod 000 . && exec ${without}`, environment });
    assert.equal(ended.status, 2, ended.stderr);
    assert.match(ended.stderr, /cannot be searched/);
    assert.equal(ended.stdout, '');
    chmodSync(folder, 0o700);
  }
});

// The schema of the standard is in no other package of npm.
test('check --format sarif prints a log that the schema of SARIF accepts', () => {
  const { $schema: draft4, id, ...schema } = JSON.parse(readFileSync(new URL('../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json', import.meta.url), 'utf8'));
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
  writeFileSync(join(folder, 'a b.yaml'), 'authentication: [open: {}]\nrules: [{ id: a, ttl: 26h, permissions: [{ role: ReadOnly, cache: a, item: all }] }]\n');
  const { status, stdout } = tvm(['check', 'a b.yaml', '--format', 'sarif']);

  assert.equal(status, 2);
  const log = JSON.parse(stdout);
  assert.ok(validate(log), JSON.stringify(validate.errors));
  const [{ level, locations }] = log.runs[0].results.filter(result => result.message.text.startsWith('rules[0].ttl: '));
  assert.equal(level, 'error');
  assert.deepEqual(locations[0].physicalLocation, { artifactLocation: { uri: 'a%20b.yaml' }, region: { startLine: 2, startColumn: 18 } });
});

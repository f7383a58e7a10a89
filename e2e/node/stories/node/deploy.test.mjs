// deploy/: what is mounted changes under a running server; compose, the action, and the policies of the files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hashOf, local, serveIn } from '../../support/process.mjs';
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

// A service exchanges its JWT for a token, with two independent OAuth clients.
import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { Clients, MomentoErrorCode, assertDone, assertRefused } from '../../support/node-sdk.mjs';
import { serveIn } from '../../support/process.mjs';
import { eventually, pause } from '../../support/waiting.mjs';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TYPE = 'urn:ietf:params:oauth:token-type:';
const NARROWER = 'ReadOnly cache=default-cache key=a';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = createServer((_, response) =>
  response.end(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] })),
);
const folder = mkdtempSync(join(tmpdir(), 'tvm-exchange-'));
let [server, issuer, webEndpoint] = [];

/** The tvm.yaml of a server that its clients reach at `url`. */
const policy = url => `
authentication:
  - oidc: { issuer: "${issuer}", audience: chat, jwks-uri: "${issuer}/keys" }
rules:
  - id: services
    permissions: [{ role: ReadWrite, cache: default-cache, item: all }]
audit: { to: file:audit.jsonl }
server: { token-exchange: { issuer: "${url}" } }
`;

function jwt(audience = 'chat') {
  const now = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: 'RS256', kid: 'k' },
    { iss: issuer, aud: audience, sub: 'billing', iat: now, exp: now + 600 },
  ].map(part => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${parts.join('.')}.${createSign('RSA-SHA256').update(parts.join('.')).sign(privateKey, 'base64url')}`;
}

const subject = (token = jwt()) => ({ subject_token: token, subject_token_type: `${TYPE}jwt` });
/** Asks again while a machine under load is not able to answer, as every client should. */
async function patiently(ask) {
  for (let attempts = 0; ; attempts++) {
    try {
      return await ask();
    } catch (error) {
      if (error.error !== 'temporarily_unavailable' || attempts === 9) throw error;
      await pause(1000);
    }
  }
}

const events = () => readFileSync(join(folder, 'audit.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line));

before(async () => {
  await new Promise(resolve => keys.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${keys.address().port}`;
  writeFileSync(join(folder, 'tvm.yaml'), policy('http://127.0.0.1:1'));
  server = await serveIn(folder);
  writeFileSync(join(folder, 'tvm.yaml'), policy(server.url));
  await eventually('the server names its own address', async () => {
    const response = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    return (await response.json()).issuer === server.url;
  });
  await eventually('a token without an exchange', async () => {
    const response = await fetch(server.url, { headers: { authorization: `Bearer ${jwt()}` } });
    ({ webEndpoint } = await response.json());
    return response.ok;
  });
});

after(async () => {
  await server?.stop();
  keys.closeAllConnections();
  keys.close();
});

test('oauth4webapi finds the endpoint, and exchanges a JWT for a token that works', async () => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const url = new URL(server.url);
  const found = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure });
  const as = await oauth.processDiscoveryResponse(url, found);
  const client = { client_id: 'billing' };
  const ask = parameters =>
    patiently(async () => {
      const response = await oauth.genericTokenEndpointRequest(as, client, oauth.None(), GRANT, new URLSearchParams(parameters), insecure);
      return oauth.processGenericTokenEndpointResponse(as, client, response);
    });
  const all = await ask(subject());
  const one = await ask({ ...subject(), scope: encodeURIComponent(NARROWER), audience: 'momento' });
  assert.equal(one.issued_token_type, `${TYPE}access_token`);
  assert.equal(decodeURIComponent(one.scope.replaceAll('+', '%20')), NARROWER);

  const [wide, narrow] = [all, one].map(({ access_token: token }) => new Clients(token, webEndpoint));
  assertDone(await wide.cache.set('default-cache', 'a', '1'), 'all that the policy grants');
  assert.equal((await narrow.cache.get('default-cache', 'a')).value(), '1');
  assertRefused(await narrow.cache.set('default-cache', 'a', '2'), MomentoErrorCode.PERMISSION_ERROR, 'more than the scope');
  [wide, narrow].forEach(clients => clients.close());

  await assert.rejects(ask({ ...subject(), scope: 'ReadWrite+cache=all' }), { error: 'invalid_scope' });
  await assert.rejects(ask(subject(jwt('another'))), { error: 'invalid_request' });
});

test('openid-client exchanges a JWT for what authorization_details name', async () => {
  const config = await openid.discovery(new URL(server.url), 'billing', undefined, openid.None(), {
    algorithm: 'oauth2',
    execute: [openid.allowInsecureRequests],
  });
  const details = JSON.stringify([{ type: 'momento_permission', permission: NARROWER }]);
  const answer = await patiently(() =>
    openid.genericGrantRequest(config, GRANT, { ...subject(), authorization_details: details }),
  );
  assert.equal(decodeURIComponent(answer.scope.replaceAll('+', '%20')), NARROWER);
  assert.ok(answer.expiresIn() > 0);
  await assert.rejects(patiently(() => openid.genericGrantRequest(config, GRANT, { ...subject(), audience: 'other' })), { error: 'invalid_target' });
});

test('the audit log says which requests were exchanges', async () => {
  const vended = events().filter(({ outcome }) => outcome === 'vended');
  assert.deepEqual(vended.map(({ exchanged = false }) => exchanged), [false, true, true, true]);
  assert.deepEqual(new Set(vended.map(({ subject: name, rule }) => `${name} ${rule}`)), new Set(['billing services']));
});

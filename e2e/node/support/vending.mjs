// Requests tokens as any HTTP client would, and defines the rules that the stories use.
import assert from 'node:assert/strict';
import { pause } from './waiting.mjs';

/** Returns the response to GET /?name=…; fails unless it is 200 with a token and a web endpoint. */
export async function vend(url, name = 'Taylor') {
  let response;
  for (let attempts = 0; attempts < 4; attempts++) {
    response = await fetch(`${url}/?name=${encodeURIComponent(name)}`, { signal: AbortSignal.timeout(30_000) });
    if (response.status !== 503) break;
    // As every client should: a machine under load can reject with Retry-After.
    await pause(Number(response.headers.get('retry-after')) * 1000);
  }
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const answer = JSON.parse(text);
  assert.equal(typeof answer.authToken, 'string', text);
  assert.match(answer.webEndpoint, /^http:\/\//, text);
  return answer;
}

/** Returns a tvm.yaml with one rule for every caller. */
export function rule(permissions, ttl = '1h') {
  return [
    'token:',
    `  ttl: ${ttl}`,
    'authentication:',
    '  - open: {}',
    'parameters:',
    '  name: { max-length: 64, required: false }',
    'rules:',
    '  - id: everyone',
    '    token-id: "${request.name}"',
    '    permissions:',
    ...permissions.map(permission => `      - ${permission}`),
    '',
  ].join('\n');
}

/** Some of each permission; everything else must fail. */
export const NARROW = rule([
  '{ role: ReadWrite, cache: default-cache, item: { key-prefix: "mine-" } }',
  '{ role: ReadOnly, cache: library }',
  '{ role: SubscribeOnly, cache: default-cache, topic: "news" }',
  '{ role: PublishOnly, cache: library, topic: "inbox" }',
]);

/** All caches, to distinguish a cache that does not exist from one that is not allowed. */
export const ALL_CACHES = rule(['{ role: ReadWrite, cache: all }', '{ role: PublishSubscribe, cache: all, topic: all }']);

/** Returns the token with the character at `position` of the part that is sent changed. */
export function tampered(token, position) {
  const { endpoint, api_key: key } = JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
  const at = position < 0 ? key.length + position : position;
  const other = key[at] === 'A' ? 'B' : 'A';
  const changed = key.slice(0, at) + other + key.slice(at + 1);
  assert.notEqual(changed, key);
  return Buffer.from(JSON.stringify({ endpoint, api_key: changed })).toString('base64');
}

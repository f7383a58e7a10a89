// A web page with a vended token: it does what was granted, and fails at what was not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage } from '../../support/browser.mjs';
import { serve } from '../../support/process.mjs';
import { NARROW, rule, tampered, vend } from '../../support/vending.mjs';
import { eventually, pause } from '../../support/waiting.mjs';

const DENIED = 'PERMISSION_ERROR';
const UNAUTHENTICATED = 'AUTHENTICATION_ERROR';

let server, narrow, open, token;
before(async () => {
  server = await serve();
  token = await vend(server.url);
  narrow = await serve(NARROW);
  narrow.token = await vend(narrow.url);
  open = await openPage();
});
after(async () => {
  await open?.close();
  await server?.stop();
  await narrow?.stop();
});

/** Calls window.story's `name` in the page, with the token of `answer`. */
function story(name, answer, ...values) {
  return open.page.evaluate(
    ({ name, values }) => window.story[name](...values),
    { name, values: [answer.authToken, answer.webEndpoint, ...values] },
  );
}
const cache = (answer, ...call) => story('cache', answer, ...call);
const publish = (answer, ...call) => story('publish', answer, ...call);
const subscribe = (answer, ...call) => story('subscribe', answer, ...call);
const heard = name => open.page.evaluate(name => window.story.heard(name), name);

async function assertRefused(call, code, what) {
  const response = await call;
  assert.equal(response.type, 'Error', what);
  assert.equal(response.code, code, `${what}: ${response.message}`);
}

async function assertDone(call, what) {
  const response = await call;
  assert.notEqual(response.type, 'Error', `${what}: ${response.code} ${response.message}`);
  return response;
}

test('a page writes and reads the cache that it was granted', async () => {
  await assertDone(cache(token, 'set', 'default-cache', 'greeting', 'hello'), 'set');
  assert.deepEqual(await cache(token, 'get', 'default-cache', 'greeting'), { type: 'Hit', value: 'hello' });
});

test('a page reaches the service by a base endpoint with a port', async () => {
  const { port } = new URL(token.webEndpoint);
  const response = await open.page.evaluate(
    ([token, base]) => window.story.setByBaseEndpoint(token, base, 'default-cache', 'by-base', 'x'),
    [token.authToken, `localhost:${port}`],
  );
  assert.deepEqual(response, { type: 'Success' });
  assert.deepEqual(await cache(token, 'get', 'default-cache', 'by-base'), { type: 'Hit', value: 'x' });
});

test('two streams and a publish run in parallel from one page', async () => {
  await assertDone(subscribe(token, 'default-cache', 'left', 'left'), 'subscribe');
  await assertDone(subscribe(token, 'default-cache', 'right', 'right'), 'subscribe');
  const published = await Promise.all([
    publish(token, 'default-cache', 'left', 'to the left'),
    publish(token, 'default-cache', 'right', 'to the right'),
  ]);
  assert.deepEqual(published.map(response => response.type), ['Success', 'Success']);
  await eventually('both messages', async () => (await heard('left')).items.length + (await heard('right')).items.length === 2);
  assert.deepEqual((await heard('left')).items, [{ value: 'to the left', tokenId: 'Taylor', sequence: 1 }]);
  assert.deepEqual((await heard('right')).items, [{ value: 'to the right', tokenId: 'Taylor', sequence: 1 }]);
  assert.equal((await heard('left')).events[0], 'heartbeat');
  assert.deepEqual((await heard('left')).errors, []);
});

test('items sent singly are delivered singly, before the stream closes', async () => {
  await assertDone(subscribe(token, 'default-cache', 'one-by-one', 'one-by-one'), 'subscribe');
  for (let i = 1; i <= 5; i++) {
    await assertDone(publish(token, 'default-cache', 'one-by-one', `item ${i}`), 'publish');
    // The next one is sent only when this one is there: one that waited for company would never come.
    await eventually(`item ${i}`, async () => (await heard('one-by-one')).items.length === i);
  }
});

test('binary bodies with all 256 byte values survive', async () => {
  await assertDone(subscribe(token, 'default-cache', 'bytes', 'bytes'), 'subscribe');
  const bytes = Array.from({ length: 256 }, (_, i) => i);
  // Three lengths, since base64 pads each of them differently in the middle of the stream.
  const sent = [bytes, bytes.slice(1), bytes.slice(2)];
  for (const value of sent) {
    await assertDone(publish(token, 'default-cache', 'bytes', value), 'publish');
  }
  await eventually('the bytes', async () => (await heard('bytes')).items.length === 3);
  assert.deepEqual((await heard('bytes')).items.map(item => item.value), sent);
});

test('nothing is delivered to a page after unsubscribe', async () => {
  await assertDone(subscribe(token, 'default-cache', 'leaving', 'leaving'), 'subscribe');
  await assertDone(subscribe(token, 'default-cache', 'leaving', 'staying'), 'subscribe');
  await open.page.evaluate(() => window.story.unsubscribe('leaving'));
  await assertDone(publish(token, 'default-cache', 'leaving', 'anybody?'), 'publish');
  await eventually('the message', async () => (await heard('staying')).items.length === 1);
  assert.deepEqual((await heard('leaving')).items, []);
  await open.page.evaluate(() => window.story.unsubscribe('staying'));
});

test('error codes are readable cross-origin: a page is told why it was refused', async () => {
  const answer = narrow.token;
  await assertDone(cache(answer, 'set', 'default-cache', 'mine-1', 'x'), 'own key');
  await assertRefused(cache(answer, 'set', 'default-cache', 'theirs-1', 'x'), DENIED, 'key outside the prefix');
  await assertDone(cache(answer, 'get', 'library', 'book'), 'read');
  await assertRefused(cache(answer, 'set', 'library', 'book', 'x'), DENIED, 'write with a read-only token');
  await assertRefused(cache(answer, 'get', 'attic', 'mine-1'), DENIED, 'other cache');
  await assertDone(subscribe(answer, 'default-cache', 'news', 'news'), 'subscribe');
  await assertRefused(subscribe(answer, 'default-cache', 'newsroom', 'denied'), DENIED, 'other topic');
  assert.deepEqual((await heard('denied')).events, [], 'something came before the refusal');
  await assertRefused(publish(answer, 'default-cache', 'news', 'x'), DENIED, 'publish where it may subscribe');
  await assertDone(publish(answer, 'library', 'inbox', 'x'), 'publish');
  await assertRefused(subscribe(answer, 'library', 'inbox', 'inbox'), DENIED, 'subscribe where it may publish');
  await open.page.evaluate(() => window.story.unsubscribe('news'));
});

test('a page with a vended token has no control plane', async () => {
  await assertRefused(cache(token, 'createCache', 'new-cache'), DENIED, 'create');
  await assertRefused(cache(token, 'deleteCache', 'default-cache'), DENIED, 'delete');
  await assertRefused(cache(token, 'listCaches'), DENIED, 'list');
});

test('a page with a token with one changed byte is refused', async () => {
  for (const position of [0, 20, -20, -1]) {
    const forged = { ...token, authToken: tampered(token.authToken, position) };
    await assertRefused(cache(forged, 'get', 'default-cache', 'greeting'), UNAUTHENTICATED, `changed at ${position}`);
    await assertRefused(subscribe(forged, 'default-cache', 'left', 'forged'), UNAUTHENTICATED, `changed at ${position}`);
  }
  await assertDone(cache(token, 'get', 'default-cache', 'greeting'), 'unchanged');
});

test('a page with an expired token is refused, and its open subscription ends', async () => {
  const brief = await serve(
    rule(['{ role: ReadWrite, cache: default-cache }', '{ role: PublishSubscribe, cache: default-cache, topic: all }'], '6s'),
  );
  try {
    const answer = await vend(brief.url);
    await assertDone(cache(answer, 'set', 'default-cache', 'key', 'x'), 'set while it lives');
    await assertDone(subscribe(answer, 'default-cache', 'talk', 'brief'), 'subscribe while it lives');
    await eventually('the end of the stream', async () => (await heard('brief')).errors.length > 0);
    assert.deepEqual((await heard('brief')).errors, [UNAUTHENTICATED]);
    await eventually('refusal', async () => (await cache(answer, 'get', 'default-cache', 'key')).type === 'Error');
    await assertRefused(cache(answer, 'get', 'default-cache', 'key'), UNAUTHENTICATED, 'get');
    await assertRefused(publish(answer, 'default-cache', 'talk', 'x'), UNAUTHENTICATED, 'publish');
  } finally {
    await brief.stop();
  }
});

test('a page asks the machine itself for its token, cross-origin', async () => {
  const answer = await open.page.evaluate(async url => {
    const response = await fetch(`${url}/?name=Taylor`);
    return { status: response.status, tokenId: (await response.json()).tokenId };
  }, server.url);
  assert.deepEqual(answer, { status: 200, tokenId: 'Taylor' });
});

test('server shutdown ends the streams of a page with UNAVAILABLE', async () => {
  const closing = await serve();
  const answer = await vend(closing.url);
  await assertDone(subscribe(answer, 'default-cache', 'talk', 'closing'), 'subscribe');
  await closing.stop();
  await eventually('the end of the stream', async () => (await heard('closing')).errors.length > 0);
  assert.equal((await heard('closing')).errors[0], 'SERVER_UNAVAILABLE');
});

test('the SDK raised no error that nobody caught', async () => {
  await pause(100);
  assert.deepEqual(open.complaints, []);
});

test('a preflight with all eight headers is answered without authorization', async () => {
  const asked = ['agent', 'authorization', 'cache', 'content-type', 'grpc-timeout', 'runtime-version', 'x-grpc-web', 'x-user-agent'];
  const response = await fetch(`${token.webEndpoint}/cache_client.Scs/Get`, {
    method: 'OPTIONS',
    headers: {
      origin: 'http://localhost:5173',
      'access-control-request-method': 'POST',
      'access-control-request-headers': asked.join(','),
    },
  });
  assert.ok(response.ok, `status ${response.status}`);
  const allowed = response.headers.get('access-control-allow-headers').toLowerCase().split(/, */);
  assert.deepEqual(asked.filter(name => !allowed.includes(name)), []);
  assert.ok(['*', 'http://localhost:5173'].includes(response.headers.get('access-control-allow-origin')));
});

test('a page from elsewhere is not served', async () => {
  const call = origin =>
    fetch(`${token.webEndpoint}/cache_client.Scs/Get`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
  assert.ok((await call('http://localhost:5173')).headers.has('access-control-allow-origin'));
  assert.ok(!(await call('http://attacker.example')).headers.has('access-control-allow-origin'));
});

// A token fails at what it was not granted: each refusal stands beside a call that differs in one thing and works.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../support/process.mjs';
import { ALL_CACHES, NARROW, rule, tampered, vend } from '../../support/vending.mjs';
import { eventually } from '../../support/waiting.mjs';
import { Clients, assertDone, assertRefused, MomentoErrorCode, subscribe } from '../../support/node-sdk.mjs';

const { PERMISSION_ERROR, AUTHENTICATION_ERROR, NOT_FOUND_ERROR } = MomentoErrorCode;
const open = [];

async function clientsWith(config) {
  const server = await serve(config);
  const answer = await vend(server.url);
  const clients = new Clients(answer.authToken, answer.webEndpoint);
  open.push(clients);
  return { server, answer, clients };
}

let narrow;
before(async () => {
  narrow = await clientsWith(NARROW);
});
after(async () => {
  open.forEach(clients => clients.close());
  await narrow?.server.stop();
});

test('a mixed key-prefix and topic scope vended by the machine keeps the prefix', async () => {
  const { cache } = narrow.clients;
  assertDone(await cache.set('default-cache', 'mine-1', 'x'), 'own key');
  assertRefused(await cache.set('default-cache', 'theirs-1', 'x'), PERMISSION_ERROR, 'key outside the prefix');
  assertRefused(await cache.get('default-cache', 'theirs-1'), PERMISSION_ERROR, 'read outside the prefix');
});

test('a read-only token does not write', async () => {
  const { cache } = narrow.clients;
  assert.equal((await cache.get('library', 'book')).type, 'Miss');
  assertRefused(await cache.set('library', 'book', 'x'), PERMISSION_ERROR, 'set');
  assertRefused(await cache.delete('library', 'book'), PERMISSION_ERROR, 'delete');
  assertRefused(await cache.increment('library', 'book', 1), PERMISSION_ERROR, 'increment');
});

test('another cache is refused, for reading and for writing', async () => {
  const { cache } = narrow.clients;
  assertRefused(await cache.get('attic', 'mine-1'), PERMISSION_ERROR, 'get');
  assertRefused(await cache.set('attic', 'mine-1', 'x'), PERMISSION_ERROR, 'set');
});

test('another topic is refused', async () => {
  const { topics } = narrow.clients;
  const heard = await subscribe(topics, 'default-cache', 'news');
  heard.subscription.unsubscribe();
  assertRefused(await topics.subscribe('default-cache', 'newsroom', {}), PERMISSION_ERROR, 'other topic');
  assertRefused(await topics.subscribe('library', 'news', {}), PERMISSION_ERROR, 'same topic, other cache');
});

test('subscribe-only does not publish and publish-only does not subscribe', async () => {
  const { topics } = narrow.clients;
  assertDone(await topics.publish('library', 'inbox', 'x'), 'publish');
  assertRefused(await topics.subscribe('library', 'inbox', {}), PERMISSION_ERROR, 'subscribe');
  assertRefused(await topics.publish('default-cache', 'news', 'x'), PERMISSION_ERROR, 'publish');
});

test('denied subscribe yields the status with no prior message', async () => {
  const events = [];
  const answer = await narrow.clients.topics.subscribe('default-cache', 'secret', {
    onItem: () => events.push('item'),
    onHeartbeat: () => events.push('heartbeat'),
    onDiscontinuity: () => events.push('discontinuity'),
  });
  assertRefused(answer, PERMISSION_ERROR, 'subscribe');
  assert.deepEqual(events, []);
});

test('a token of this service with one changed byte is refused', async () => {
  const { answer } = narrow;
  for (const position of [0, 20, -20, -1]) {
    const forged = new Clients(tampered(answer.authToken, position), answer.webEndpoint);
    open.push(forged);
    const where = `changed at ${position}`;
    assertRefused(await forged.cache.get('default-cache', 'mine-1'), AUTHENTICATION_ERROR, where);
    assertRefused(await forged.topics.publish('library', 'inbox', 'x'), AUTHENTICATION_ERROR, where);
    assertRefused(await forged.topics.subscribe('default-cache', 'news', {}), AUTHENTICATION_ERROR, where);
  }
  assertDone(await narrow.clients.cache.get('default-cache', 'mine-1'), 'unchanged');
});

test('an expired token is refused, and its open subscription ends', async () => {
  const { server, answer, clients } = await clientsWith(
    rule(['{ role: ReadWrite, cache: default-cache }', '{ role: PublishSubscribe, cache: default-cache, topic: all }'], '5s'),
  );
  try {
    assertDone(await clients.cache.set('default-cache', 'key', 'x'), 'set while it lives');
    const heard = await subscribe(clients.topics, 'default-cache', 'talk');
    await eventually(
      'refusal',
      async () => (await clients.cache.get('default-cache', 'key')).type === 'Error',
      10_000,
    );
    assert.ok(Date.now() / 1000 >= answer.expiresAt - 1, 'refused before its time');
    assertRefused(await clients.cache.get('default-cache', 'key'), AUTHENTICATION_ERROR, 'get');
    assertRefused(await clients.cache.set('default-cache', 'key', 'x'), AUTHENTICATION_ERROR, 'set');
    assertRefused(await clients.topics.publish('default-cache', 'talk', 'x'), AUTHENTICATION_ERROR, 'publish');
    await eventually('the end of the stream', () => heard.errors.length > 0);
    assert.equal(heard.errors[0].errorCode(), AUTHENTICATION_ERROR);
    assert.equal(heard.subscription.isSubscribed, false);
  } finally {
    clients.close();
    await server.stop();
  }
});

test('a permitted call on a missing cache is NOT_FOUND, for get, set, publish and subscribe', async () => {
  const { server, clients } = await clientsWith(ALL_CACHES);
  try {
    assertDone(await clients.cache.set('default-cache', 'key', 'x'), 'set where the cache exists');
    assertRefused(await clients.cache.get('nowhere', 'key'), NOT_FOUND_ERROR, 'get');
    assertRefused(await clients.cache.set('nowhere', 'key', 'x'), NOT_FOUND_ERROR, 'set');
    assertRefused(await clients.topics.publish('nowhere', 'talk', 'x'), NOT_FOUND_ERROR, 'publish');
    assertRefused(await clients.topics.subscribe('nowhere', 'talk', {}), NOT_FOUND_ERROR, 'subscribe');
  } finally {
    clients.close();
    await server.stop();
  }
});

test('a function permission grants neither caches nor topics', async () => {
  const { server, clients } = await clientsWith(rule(['{ role: Invoke, cache: default-cache, function: all }']));
  try {
    assertRefused(await clients.cache.get('default-cache', 'key'), PERMISSION_ERROR, 'get');
    assertRefused(await clients.topics.publish('default-cache', 'talk', 'x'), PERMISSION_ERROR, 'publish');
    assertRefused(await clients.topics.subscribe('default-cache', 'talk', {}), PERMISSION_ERROR, 'subscribe');
  } finally {
    clients.close();
    await server.stop();
  }
});

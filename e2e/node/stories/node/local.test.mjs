// The local stand-in for Momento alone, with its own API key and the SDK's AuthClient.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { local } from '../../support/process.mjs';
import { eventually } from '../../support/waiting.mjs';
import {
  AllDataReadWrite,
  AuthClient,
  Clients,
  ExpiresIn,
  MomentoErrorCode,
  assertDone,
  assertRefused,
  credentials,
  subscribe,
  withoutKey,
} from '../../support/node-sdk.mjs';

const ENDPOINT = 'cell-local.example.test';
const SESSION_KEY = randomBytes(24).toString('hex');
const READ_WRITE = { permissions: [{ role: 'readwrite', cache: 'default-cache' }] };

let service, owner, auth;
before(async () => {
  service = await local('--endpoint', ENDPOINT, '--auth-rate', '100/s', '--session-key', SESSION_KEY);
  owner = new Clients(service.apiKey, service.url);
  auth = new AuthClient({ credentialProvider: credentials(service.apiKey, service.url) });
});
after(async () => {
  owner?.close();
  await service?.stop();
});

function key(token) {
  return JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
}

// The Node AuthClient never sends an authorization header: the caller is in the body.
test('GenerateDisposableToken succeeds without any authorization metadata', async () => {
  assertDone(await auth.generateDisposableToken(READ_WRITE, ExpiresIn.minutes(1)), 'mint');
  const { endpoint, api_key: raw } = key(service.apiKey);
  const forged = Buffer.from(JSON.stringify({ endpoint, api_key: `${raw}x` })).toString('base64');
  const other = new AuthClient({ credentialProvider: credentials(forged, service.url) });
  assertRefused(
    await other.generateDisposableToken(READ_WRITE, ExpiresIn.minutes(1)),
    MomentoErrorCode.AUTHENTICATION_ERROR,
    'a key that is not valid',
  );
});

test("the SDK-side token holds exactly the server's api_key and the configured endpoint", async () => {
  const before = Date.now() / 1000;
  const minted = await auth.generateDisposableToken(READ_WRITE, ExpiresIn.minutes(10));
  const after = Date.now() / 1000;
  assertDone(minted, 'mint');
  assert.deepEqual(Object.keys(key(minted.authToken)).sort(), ['api_key', 'endpoint']);
  assert.equal(key(minted.authToken).endpoint, ENDPOINT);
  assert.equal(minted.endpoint, ENDPOINT);
  const until = minted.expiresAt.epoch();
  assert.ok(Number.isInteger(until) && until >= before + 599 && until <= after + 601, `valid until ${until}`);
  const clients = new Clients(minted.authToken, service.url);
  assertDone(await clients.cache.set('default-cache', 'key', 'x'), 'set with it');
  clients.close();
});

test('AllDataReadWrite mints, and its function statement grants no cache of its own', async () => {
  const session = new AuthClient({ credentialProvider: credentials(wrapped(SESSION_KEY), service.url) });
  const made = await session.generateApiKey(AllDataReadWrite, ExpiresIn.minutes(10));
  assertDone(made, 'generateApiKey');
  const clients = new Clients(made.apiKey, service.url);
  assertDone(await clients.cache.set('default-cache', 'key', 'x'), 'set');
  assertDone(await clients.topics.publish('default-cache', 'talk', 'x'), 'publish');
  assertRefused(await clients.cache.createCache('another'), MomentoErrorCode.PERMISSION_ERROR, 'create');
  assertRefused(await clients.cache.listCaches(), MomentoErrorCode.PERMISSION_ERROR, 'list');
  clients.close();
});

test('a disposable token cannot mint', async () => {
  const minted = await auth.generateDisposableToken(READ_WRITE, ExpiresIn.minutes(1));
  assertDone(minted, 'mint with the API key');
  const second = new AuthClient({ credentialProvider: credentials(minted.authToken, service.url) });
  assertRefused(
    await second.generateDisposableToken(READ_WRITE, ExpiresIn.minutes(1)),
    MomentoErrorCode.PERMISSION_ERROR,
    'mint with a token',
  );
});

test('publisher_id is empty for API keys', async () => {
  const heard = await subscribe(owner.topics, 'default-cache', 'talk');
  assertDone(await owner.topics.publish('default-cache', 'talk', 'x'), 'publish');
  await eventually('the message', () => heard.items.length === 1);
  assert.equal(heard.items[0].tokenId() ?? '', '');
  heard.subscription.unsubscribe();
});

test('deleting a cache ends its streams with NOT_FOUND', async () => {
  assertDone(await owner.cache.createCache('short-lived'), 'create');
  const heard = await subscribe(owner.topics, 'short-lived', 'talk');
  const other = await subscribe(owner.topics, 'default-cache', 'talk');
  assertDone(await owner.cache.deleteCache('short-lived'), 'delete');
  await eventually('the end of the stream', () => heard.errors.length > 0);
  assert.equal(heard.errors[0].errorCode(), MomentoErrorCode.NOT_FOUND_ERROR);
  assert.equal(heard.subscription.isSubscribed, false);
  assert.equal(other.subscription.isSubscribed, true);
  assert.deepEqual(other.errors, []);
  other.subscription.unsubscribe();
});

test('server shutdown ends streams with UNAVAILABLE: the Node client takes it for a lost connection', async () => {
  const closing = await local();
  const clients = new Clients(closing.apiKey, closing.url);
  const heard = await subscribe(clients.topics, 'default-cache', 'talk');
  const lost = heard.lost;
  await closing.stop();
  await eventually('the loss', () => heard.lost > lost);
  assert.deepEqual(heard.errors, []);
  assert.equal(heard.subscription.isSubscribed, true);
  heard.subscription.unsubscribe();
  clients.close();
});

// forMomentoLocal() sends an empty key.
test('forMomentoLocal() works with --keyless, a token keeps its limits there, and the refusal names the option', async () => {
  const keyless = await local('--keyless', '--admin-port', '0');
  const anyone = new Clients(withoutKey(keyless.url), keyless.url);
  assertDone(await anyone.cache.createCache('scratch'), 'create');
  assertDone(await anyone.cache.set('scratch', 'key', 'x'), 'set');
  assertDone(await anyone.topics.publish('scratch', 'talk', 'x'), 'publish');
  const minted = await new AuthClient({ credentialProvider: withoutKey(keyless.url) }).generateDisposableToken(
    { permissions: [{ role: 'readonly', cache: 'scratch' }] },
    ExpiresIn.minutes(1),
  );
  assertDone(minted, 'mint');
  const reader = new Clients(minted.authToken, keyless.url);
  assertRefused(await reader.cache.set('scratch', 'key', 'y'), MomentoErrorCode.PERMISSION_ERROR, 'set with the token');
  reader.close();
  anyone.close();
  await keyless.stop();
  assert.doesNotMatch(keyless.output() + keyless.errors(), /WARN|MeterRegistry/);

  const refused = new Clients(withoutKey(service.url), service.url);
  const get = await refused.cache.get('default-cache', 'key');
  assertRefused(get, MomentoErrorCode.AUTHENTICATION_ERROR, 'get without a key');
  assert.match(get.message(), /--keyless/);
  refused.close();
});

test('collections work with the SDK', async () => {
  const { cache } = owner;
  const name = 'default-cache';
  assertDone(await cache.dictionarySetFields(name, 'd', { a: '1', b: '2' }), 'dictionarySetFields');
  assert.deepEqual((await cache.dictionaryFetch(name, 'd')).value(), { a: '1', b: '2' });
  assert.equal((await cache.dictionaryGetField(name, 'd', 'none')).type, 'Miss');
  assert.deepEqual((await cache.dictionaryGetFields(name, 'd', ['b', 'none'])).value(), { b: '2' });
  assert.equal((await cache.dictionaryIncrement(name, 'd', 'a', 2)).value(), 3);
  assert.equal((await cache.dictionaryLength(name, 'd')).length(), 2);
  assertDone(await cache.dictionaryRemoveFields(name, 'd', ['a', 'b']), 'dictionaryRemoveFields');
  assert.equal((await cache.dictionaryFetch(name, 'd')).type, 'Miss');

  assertDone(await cache.setAddElements(name, 's', ['a', 'b', 'c']), 'setAddElements');
  assert.equal((await cache.setContainsElement(name, 's', 'c')).type, 'Hit');
  assert.deepEqual(Object.values((await cache.setContainsElements(name, 's', ['c', 'd'])).containsElements()), [true, false]);
  assertDone(await cache.setRemoveElements(name, 's', ['a', 'b']), 'setRemoveElements');
  assert.deepEqual((await cache.setFetch(name, 's')).value(), ['c']);
  assert.deepEqual((await cache.setSample(name, 's', 5)).value(), ['c']);
  assert.equal((await cache.setLength(name, 's')).length(), 1);
  assert.deepEqual((await cache.setPop(name, 's', 2)).value(), ['c']);
  assert.equal((await cache.setFetch(name, 's')).type, 'Miss');

  assert.equal((await cache.listConcatenateBack(name, 'l', ['b', 'c', 'd'])).listLength(), 3);
  assert.equal((await cache.listPushFront(name, 'l', 'a')).listLength(), 4);
  assert.deepEqual((await cache.listFetch(name, 'l', { startIndex: -3, endIndex: -1 })).value(), ['b', 'c']);
  assertDone(await cache.listRetain(name, 'l', { startIndex: 0, endIndex: 3 }), 'listRetain');
  assertDone(await cache.listRemoveValue(name, 'l', 'b'), 'listRemoveValue');
  assert.equal((await cache.listPopBack(name, 'l')).value(), 'c');
  assert.equal((await cache.listLength(name, 'l')).length(), 1);
  assert.equal((await cache.listPopFront(name, 'l')).value(), 'a');
  assert.equal((await cache.listFetch(name, 'l')).type, 'Miss');

  assertDone(await cache.sortedSetPutElements(name, 'z', { a: 1, b: 2, c: 3 }), 'sortedSetPutElements');
  assert.deepEqual((await cache.sortedSetFetchByRank(name, 'z', { startRank: 1, order: 'DESC' })).value(), [
    { value: 'b', score: 2 },
    { value: 'a', score: 1 },
  ]);
  assert.deepEqual(
    (await cache.sortedSetFetchByScore(name, 'z', { minScore: 2, offset: 1, count: 1 })).value(),
    [{ value: 'c', score: 3 }],
  );
  assert.equal((await cache.sortedSetGetRank(name, 'z', 'c')).rank(), 2);
  assert.equal((await cache.sortedSetGetScore(name, 'z', 'b')).score(), 2);
  assert.equal((await cache.sortedSetIncrementScore(name, 'z', 'a', 9)).score(), 10);
  assert.equal((await cache.sortedSetLengthByScore(name, 'z', { minScore: 3 })).length(), 2);
  assert.equal((await cache.sortedSetUnionStore(name, 'y', [{ sortedSetName: 'z', weight: 2 }])).length(), 3);
  assertDone(await cache.sortedSetRemoveElements(name, 'z', ['a', 'b', 'c']), 'sortedSetRemoveElements');
  assert.equal((await cache.sortedSetLength(name, 'z')).type, 'Miss');
  assert.equal((await cache.itemGetType(name, 'y')).itemType(), 4, 'a sorted set');
  assertRefused(await cache.listFetch(name, 'y'), MomentoErrorCode.FAILED_PRECONDITION_ERROR, 'an item of another type');
});

function wrapped(raw) {
  return Buffer.from(JSON.stringify({ endpoint: ENDPOINT, api_key: raw })).toString('base64');
}

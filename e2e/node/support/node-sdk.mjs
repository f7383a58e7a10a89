// Momento's published SDK for Node.js, configured for a service on this machine.
import assert from 'node:assert/strict';
import * as momento from '@gomomento/sdk';

export const { AllDataReadWrite, AuthClient, CacheGetResponse, ExpiresIn, MomentoErrorCode, TopicPublishResponse, TopicSubscribeResponse } = momento;

const quiet = new momento.DefaultMomentoLoggerFactory(momento.DefaultMomentoLoggerLevel.WARN);

/** The credentials of `token` at `endpoint`, an http URL. */
export function credentials(token, endpoint) {
  const host = new URL(endpoint).host;
  return momento.CredentialProvider.fromString({
    apiKey: token,
    endpointOverrides: { cacheEndpoint: host, controlEndpoint: host, tokenEndpoint: host, secureConnection: false },
  });
}

/** The credentials of the SDK's forMomentoLocal() at `endpoint`, an http URL. */
export function withoutKey(endpoint) {
  const { hostname, port } = new URL(endpoint);
  return momento.CredentialProvider.forMomentoLocal({ hostname, port: Number(port) });
}

/** The SDK's clients with one token, or with credentials. All settings except the log level and the endpoint are the SDK's defaults. */
export class Clients {
  constructor(token, endpoint) {
    const credentialProvider = typeof token === 'string' ? credentials(token, endpoint) : token;
    this.cache = new momento.CacheClient({
      configuration: momento.Configurations.Laptop.v1(quiet),
      credentialProvider,
      defaultTtlSeconds: 60,
    });
    this.topics = new momento.TopicClient({
      configuration: momento.TopicConfigurations.Default.latest(quiet),
      credentialProvider,
    });
  }

  // A TopicClient has no close(); its connections end with the server's.
  close() {
    this.cache.close();
  }
}

/** Subscribes, and records all events in order. Fails unless the subscription was accepted. */
export async function subscribe(topics, cache, topic) {
  const heard = { items: [], events: [], errors: [], lost: 0 };
  const subscription = await topics.subscribe(cache, topic, {
    onItem: item => {
      heard.items.push(item);
      heard.events.push('item');
    },
    onHeartbeat: () => heard.events.push('heartbeat'),
    onDiscontinuity: () => heard.events.push('discontinuity'),
    onError: error => heard.errors.push(error),
    onConnectionLost: () => heard.lost++,
  });
  assert.equal(subscription.type, TopicSubscribeResponse.Subscription, String(subscription));
  return Object.assign(heard, { subscription });
}

/** Asserts that a response is the error with the given code. */
export function assertRefused(response, code, what) {
  assert.equal(response.type, 'Error', `${what}: ${response}`);
  assert.equal(response.errorCode(), code, `${what}: ${response}`);
}

export function assertDone(response, what) {
  assert.notEqual(response.type, 'Error', `${what}: ${response}`);
}

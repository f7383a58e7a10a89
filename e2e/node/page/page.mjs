// A page that uses Momento's SDK for browsers; the stories call it.
import * as momento from '@gomomento/sdk-web';

function credentials(token, endpoint) {
  return momento.CredentialProvider.fromDisposableToken({
    apiKey: token,
    endpointOverrides: { cacheEndpoint: endpoint, controlEndpoint: endpoint, tokenEndpoint: endpoint },
  });
}

function topicClient(token, endpoint) {
  return new momento.TopicClient({
    configuration: momento.TopicConfigurations.Default.latest(),
    credentialProvider: credentials(token, endpoint),
  });
}

function cacheClient(token, endpoint) {
  return new momento.CacheClient({
    configuration: momento.Configurations.Laptop.latest(),
    credentialProvider: credentials(token, endpoint),
    defaultTtlSeconds: 60,
  });
}

/** As a page that was given a base endpoint with a port, instead of whole addresses. */
async function setByBaseEndpoint(token, baseEndpoint, cache, key, value) {
  const client = new momento.CacheClient({
    configuration: momento.Configurations.Laptop.latest(),
    credentialProvider: momento.CredentialProvider.fromDisposableToken({
      apiKey: token,
      endpointOverrides: { baseEndpoint, endpointPrefix: 'http://web' },
    }),
    defaultTtlSeconds: 60,
  });
  return plain(await client.set(cache, key, value));
}

/** Returns a response in a form that can leave the page. */
function plain(response) {
  const result = { type: response.type };
  if (response.type === 'Error') {
    result.code = response.errorCode();
    result.message = response.message();
  }
  if (response.type === 'Hit') {
    result.value = response.valueString();
  }
  return result;
}

const heard = new Map();

window.story = {
  setByBaseEndpoint,

  cache: async (token, endpoint, call, ...values) => plain(await cacheClient(token, endpoint)[call](...values)),

  publish: async (token, endpoint, cache, topic, value) =>
    plain(await topicClient(token, endpoint).publish(cache, topic, Array.isArray(value) ? Uint8Array.from(value) : value)),

  /** Subscribes, and records what arrives under `name`. */
  subscribe: async (token, endpoint, cache, topic, name) => {
    const record = { items: [], events: [], errors: [] };
    heard.set(name, record);
    const response = await topicClient(token, endpoint).subscribe(cache, topic, {
      onItem: item => {
        const value = item.value();
        record.events.push('item');
        record.items.push({
          value: typeof value === 'string' ? value : Array.from(value),
          tokenId: item.tokenId(),
          sequence: item.sequenceNumber(),
        });
      },
      onHeartbeat: () => record.events.push('heartbeat'),
      onDiscontinuity: () => record.events.push('discontinuity'),
      onError: error => record.errors.push(error.errorCode()),
    });
    record.subscription = response;
    return plain(response);
  },

  unsubscribe: name => heard.get(name).subscription.unsubscribe(),

  heard: name => {
    const { items, events, errors } = heard.get(name);
    return { items, events, errors };
  },
};

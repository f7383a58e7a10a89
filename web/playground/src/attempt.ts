import type { Token } from './machine';

export type Call = 'publish' | 'subscribe' | 'get' | 'set';

/** An operation to try with a token. */
export interface Attempt {
  readonly call: Call;
  readonly cache: string;
  /** A topic, or a key. */
  readonly name: string;
  readonly value: string;
}

export interface Outcome {
  readonly kind: 'allowed' | 'refused' | 'failed';
  readonly text: string;
}

export interface Listening {
  stop(): void;
}

/** The codes of rejections by Momento, in contrast to temporary errors and missing caches. */
const REFUSALS = new Set(['PERMISSION_ERROR', 'AUTHENTICATION_ERROR']);

/** Loaded on first use, because it is by far the largest part of the page. */
const sdk = () => import('@gomomento/sdk-web');

async function clients(token: Token) {
  const momento = await sdk();
  const at = token.webEndpoint;
  const credentialProvider = momento.CredentialProvider.fromDisposableToken({
    apiKey: token.authToken,
    ...(at === undefined ? {} : { endpointOverrides: { cacheEndpoint: at, controlEndpoint: at, tokenEndpoint: at } }),
  });
  return {
    cache: () =>
      new momento.CacheClient({
        configuration: momento.Configurations.Browser.latest(),
        credentialProvider,
        defaultTtlSeconds: 300,
      }),
    topics: () => new momento.TopicClient({ configuration: momento.TopicConfigurations.Default.latest(), credentialProvider }),
  };
}

interface Response {
  readonly type: string;
}

function outcome(response: Response, done: string): Outcome {
  if (response.type !== 'Error') {
    return { kind: 'allowed', text: done };
  }
  const error = response as unknown as { errorCode(): string; message(): string };
  const code = error.errorCode();
  return { kind: REFUSALS.has(code) ? 'refused' : 'failed', text: `${code}: ${error.message()}` };
}

/** Tries an operation with the token, and describes the result. */
export async function attempt(token: Token, what: Attempt): Promise<Outcome> {
  const made = await clients(token);
  switch (what.call) {
    case 'publish':
      return outcome(await made.topics().publish(what.cache, what.name, what.value), 'published');
    case 'set':
      return outcome(await made.cache().set(what.cache, what.name, what.value), 'stored for five minutes');
    case 'get': {
      const response = await made.cache().get(what.cache, what.name);
      const hit = response as unknown as { valueString(): string };
      return outcome(response, response.type === 'Hit' ? `hit: ${hit.valueString()}` : 'miss: there is no such item');
    }
    case 'subscribe':
      throw new Error('a subscription stays open: use listen');
  }
}

/** Subscribes until it is stopped. */
export async function listen(
  token: Token,
  what: Attempt,
  heard: (text: string) => void,
  ended: (outcome: Outcome) => void,
): Promise<{ outcome: Outcome; listening?: Listening }> {
  const topics = (await clients(token)).topics();
  const response = await topics.subscribe(what.cache, what.name, {
    onItem: item => {
      const value = item.value();
      const from = item.tokenId();
      heard(`${from === undefined ? '' : `${from}: `}${typeof value === 'string' ? value : `${value.length} bytes`}`);
    },
    onError: error => ended(outcome({ type: 'Error', ...bound(error) } as Response, '')),
  });
  const result = outcome(response, 'listening');
  return result.kind === 'allowed'
    ? { outcome: result, listening: { stop: () => (response as unknown as { unsubscribe(): void }).unsubscribe() } }
    : { outcome: result };
}

function bound(error: { errorCode(): string; message(): string }) {
  return { errorCode: () => error.errorCode(), message: () => error.message() };
}

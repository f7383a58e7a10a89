import {
  CredentialProvider,
  NoopMomentoLoggerFactory,
  TopicClient,
  TopicConfigurations,
  TopicPublish,
} from '@gomomento/sdk-web';
import { ClosedError, TopicError } from './errors.js';
import type { TokenSource } from './source.js';
import { TopicSubscription } from './subscription.js';
import { within } from './time.js';
import type { Subscription, SubscriptionCallbacks } from './subscription.js';
import type { VendedToken } from './token.js';

/** The parts of the SDK's topic client that are used. */
export type Connection = Pick<TopicClient, 'publish' | 'subscribe'>;

export interface TopicsClientOptions {
  /** Creates the SDK's client for a token, for example with your own configuration. */
  readonly connect?: (token: VendedToken) => Connection | Promise<Connection>;
}

/** Returns the SDK's credentials for a token, wherever its service is. `webEndpoint` replaces the token's own. */
export function credentialProvider(token: VendedToken, webEndpoint = token.webEndpoint): CredentialProvider {
  return webEndpoint === undefined
    ? CredentialProvider.fromDisposableToken(token.authToken)
    : CredentialProvider.fromDisposableToken({
        apiKey: token.authToken,
        endpointOverrides: { cacheEndpoint: webEndpoint, controlEndpoint: webEndpoint, tokenEndpoint: webEndpoint },
      });
}

/**
 * Publishes and subscribes with the current token of the source. Subscriptions survive refreshes: no message is lost
 * or duplicated, and a possible loss is reported once.
 */
export class TopicsClient {
  readonly #source: TokenSource;
  readonly #connect: (token: VendedToken) => Connection | Promise<Connection>;
  readonly #subscriptions = new Set<TopicSubscription>();
  readonly #unsubscribe: () => void;
  #connection: { readonly token: VendedToken; readonly client: Promise<Connection> } | undefined;
  #closed = false;

  constructor(source: TokenSource, options: TopicsClientOptions = {}) {
    this.#source = source;
    this.#connect = options.connect ?? dial;
    this.#unsubscribe = source.subscribe(() => {
      const { token } = source.state;
      if (token !== undefined) {
        for (const subscription of this.#subscriptions) {
          subscription.renew(token);
        }
      }
    });
  }

  /**
   * Publishes, with a new token if the service rejects the current one as expired. Throws a {@link TopicError}, whose
   * `delivered` says whether it is safe to send again, or the errors of {@link TokenSource.token}.
   */
  async publish(cache: string, topic: string, value: string | Uint8Array): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      this.#mustBeOpen();
      const token = await this.#source.token();
      const response = await (await this.#client(token)).publish(cache, topic, value);
      if (response instanceof TopicPublish.Error) {
        const code = response.errorCode();
        // A message that was not authenticated was not published, so it is sent again, once.
        if (code === 'AUTHENTICATION_ERROR' && attempt === 0) {
          this.#source.reject(token);
          continue;
        }
        throw new TopicError(code, response.message(), NOT_DELIVERED.has(code) ? 'no' : 'unknown');
      }
      return;
    }
  }

  /** Subscribes; the callbacks receive messages until it is closed, or `onError` reports its end. */
  subscribe(cache: string, topic: string, callbacks: SubscriptionCallbacks): Subscription {
    this.#mustBeOpen();
    const subscription = new TopicSubscription(
      this.#source,
      async (token, options) => (await this.#client(token)).subscribe(cache, topic, options),
      callbacks,
      () => this.#subscriptions.delete(subscription),
    );
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Closes every subscription. The source stays open, because other code can use it. */
  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    for (const subscription of [...this.#subscriptions]) {
      subscription.close();
    }
    this.#connection = undefined;
  }

  #mustBeOpen(): void {
    if (this.#closed) {
      throw new ClosedError('The topics client is closed.');
    }
  }

  /** One client for each token: the SDK's client keeps the token it was created with. */
  #client(token: VendedToken): Promise<Connection> {
    if (this.#connection?.token !== token) {
      this.#connection = { token, client: Promise.resolve(this.#connect(token)) };
    }
    return this.#connection.client;
  }
}

const NOT_DELIVERED = new Set([
  'AUTHENTICATION_ERROR',
  'PERMISSION_ERROR',
  'NOT_FOUND_ERROR',
  'INVALID_ARGUMENT_ERROR',
  'BAD_REQUEST_ERROR',
  'LIMIT_EXCEEDED_ERROR',
]);

async function dial(token: VendedToken): Promise<Connection> {
  return new TopicClient({
    configuration: TopicConfigurations.Default.latest(new NoopMomentoLoggerFactory()),
    credentialProvider: credentialProvider(token, await ownName(token.webEndpoint)),
  });
}

/** A name of this machine that no other tab uses, so that the six connections of plain HTTP/1.1 are for this one alone. */
let label: string | undefined;

/**
 * The endpoint under this tab's own name when it is on this machine and in clear text (RFC 6761 §6.3: what ends in
 * `.localhost` never leaves it), and when the browser resolves such names.
 */
async function ownName(endpoint: string | undefined): Promise<string | undefined> {
  if (endpoint === undefined || !/^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(`${endpoint}/`)) {
    return endpoint;
  }
  label ??= `tab-${Math.random().toString(36).slice(2, 10)}`;
  const { port } = new URL(endpoint);
  const own = `http://${label}.localhost${port && `:${port}`}`;
  try {
    // A ping needs no credential; another call could log an error in the console.
    await within(2000, signal =>
      fetch(`${own}/cache_client.Ping/Ping`, {
        method: 'POST',
        headers: { 'content-type': 'application/grpc-web-text', 'x-grpc-web': '1' },
        body: 'AAAAAAA=',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        signal,
      }),
    );
    return own;
  } catch {
    return endpoint;
  }
}

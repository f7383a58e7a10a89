import { codeOf, isError } from './connection.js';
import type { Connection } from './connection.js';
import { ClosedError, SetupError, TokenVendingError, TopicError } from './errors.js';
import { logger } from './report.js';
import type { Debug } from './report.js';
import type { TokenSource } from './source.js';
import { TopicSubscription } from './subscription.js';
import type { Subscription, SubscriptionCallbacks } from './subscription.js';
import { abortable } from './time.js';
import type { VendedToken } from './token.js';

/** How a topics client connects, and what it reports. */
export interface TopicsClientOptions {
  /** Makes the SDK's topic client for a token, such as one with a configuration of your own. */
  readonly connect?: (token: VendedToken) => Connection | Promise<Connection>;
  /** Milliseconds without a connection after which `onLostConnection` is called. Default: 5000. */
  readonly lostConnectionDelay?: number;
  /** Logs connections, gaps and failures, without messages: to the console, or to a function. Default: false. */
  readonly debug?: Debug;
}

/** Options of one message. */
export interface PublishOptions {
  /**
   * Ends the wait, such as `AbortSignal.timeout(5000)`; the call rejects with its reason. A message that was being sent
   * can still arrive.
   */
  readonly signal?: AbortSignal;
}

/**
 * Publishes and subscribes with the token that the source has. Subscriptions outlive renewals: no message is lost or
 * doubled, and where one could have been lost, that is reported once.
 */
export class TopicsClient {
  readonly #source: TokenSource;
  readonly #options: TopicsClientOptions;
  readonly #connect: (token: VendedToken) => Connection | Promise<Connection>;
  readonly #log: (line: string) => void;
  readonly #subscriptions = new Set<TopicSubscription>();
  #unsubscribe: (() => void) | undefined;
  #connection: { readonly token: VendedToken; readonly client: Promise<Connection> } | undefined;
  #closed = false;

  /** `connect` is used where the options have none. */
  constructor(
    source: TokenSource,
    options: TopicsClientOptions,
    connect: (token: VendedToken) => Connection | Promise<Connection>,
  ) {
    this.#source = source;
    this.#options = options;
    this.#connect = options.connect ?? connect;
    this.#log = logger(options.debug);
  }

  /**
   * Publishes, with a new token if the service reports that this one is over. Rejects with a {@link TopicError}, whose
   * `delivered` says whether it can be sent again, or as {@link TokenSource.token} does.
   */
  async publish(cache: string, topic: string, value: string | Uint8Array, { signal }: PublishOptions = {}): Promise<void> {
    return abortable(() => this.#publish(cache, topic, value, signal), signal);
  }

  async #publish(cache: string, topic: string, value: string | Uint8Array, signal?: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      this.#mustBeOpen();
      const token = await this.#source.token();
      const client = await this.#client(token);
      if (signal?.aborted === true) {
        return;
      }
      const response = await client.publish(cache, topic, value);
      if (!isError(response)) {
        return;
      }
      const code = codeOf(response);
      this.#log(`publish ${cache}/${topic}: ${code}`);
      // What was rejected was not published, so it is sent again, once.
      if (code === 'AUTHENTICATION_ERROR' && attempt === 0) {
        this.#source.reject(token);
        continue;
      }
      throw new TopicError(code, response.message(), NOT_DELIVERED.has(code) ? 'no' : 'unknown');
    }
  }

  /** Subscribes; the callbacks receive the messages until it is closed, or `onError` reports that it is over. */
  subscribe(cache: string, topic: string, callbacks: SubscriptionCallbacks): Subscription {
    this.#mustBeOpen();
    this.#unsubscribe ??= this.#source.subscribe(() => {
      const { token } = this.#source.state;
      if (token !== undefined) {
        for (const subscription of this.#subscriptions) {
          subscription.renew(token);
        }
      }
    });
    const subscription = new TopicSubscription(
      this.#source,
      async token => {
        const client = await this.#client(token);
        return options => client.subscribe(cache, topic, options);
      },
      callbacks,
      {
        log: line => this.#log(`subscription ${cache}/${topic}: ${line}`),
        lostConnectionDelay: this.#options.lostConnectionDelay ?? 5000,
        onClose: () => this.#forget(subscription),
      },
    );
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Closes every subscription. The source stays open, for others can use it. */
  close(): void {
    this.#closed = true;
    for (const subscription of [...this.#subscriptions]) {
      subscription.close();
    }
    this.#connection = undefined;
  }

  #forget(subscription: TopicSubscription): void {
    this.#subscriptions.delete(subscription);
    if (this.#subscriptions.size === 0) {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
    }
  }

  #mustBeOpen(): void {
    if (this.#closed) {
      throw new ClosedError('The topics client is closed.');
    }
  }

  /** One client for each token: the SDK's own keeps the token that it was made with. */
  #client(token: VendedToken): Promise<Connection> {
    if (this.#connection?.token !== token) {
      const connection = { token, client: this.#dial(token) };
      this.#connection = connection;
      connection.client.catch(() => {
        if (this.#connection === connection) {
          // The next call tries again.
          this.#connection = undefined;
        }
      });
    }
    return this.#connection.client;
  }

  async #dial(token: VendedToken): Promise<Connection> {
    try {
      return await this.#connect(token);
    } catch (cause) {
      throw cause instanceof TokenVendingError
        ? cause
        : new SetupError('CONNECT_FAILED', "The SDK's client was not made: see `cause`.", { cause });
    }
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

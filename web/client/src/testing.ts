import type { Connection, SdkError, SdkSubscribeOptions, SdkSubscription } from './connection.js';
import { RefusedError, UnavailableError } from './errors.js';
import { TokenSource } from './source.js';
import type { CustomToken } from './token.js';
import { TopicsClient } from './topics.js';

interface Stream {
  readonly place: string;
  readonly options: SdkSubscribeOptions;
  readonly subscription: { isSubscribed: boolean; unsubscribe(): void };
}

/** A message that was published. */
export interface PublishedMessage {
  readonly cache: string;
  readonly topic: string;
  readonly value: string | Uint8Array;
}

/**
 * A token service and a topic service in memory, for the tests of an application. `source` and `topics` are the library's
 * own, so that renewals and gaps are as in a browser. Nothing is sent over a network.
 */
export class FakeMomento {
  readonly #streams = new Set<Stream>();
  readonly #sequences = new Map<string, number>();
  readonly #published: PublishedMessage[] = [];
  #failure: Error | undefined;
  #code: string | undefined;
  #serial = 0;
  /** The id of the tokens, which subscribers receive with each message. */
  tokenId = 'test-user';
  /** The life of the next tokens, in seconds. */
  ttl = 3600;

  /** Vends tokens of this service. */
  readonly source: TokenSource = TokenSource.custom(async () => this.#vend());
  /** Publishes and subscribes here. */
  readonly topics: TopicsClient = new TopicsClient(this.source, { connect: () => this.connect() });

  /** What was published here, in order. */
  get published(): readonly PublishedMessage[] {
    return this.#published;
  }

  /** The SDK's client of this service, as `connect` of other clients and of `TokenProvider`. */
  readonly connect = (): Connection => ({
    publish: async (cache, topic, value) => {
      if (this.#code !== undefined) {
        return failure(this.#code);
      }
      this.send(cache, topic, value, this.tokenId);
      return {};
    },
    subscribe: async (cache, topic, options) => this.#subscribe(`${cache}\n${topic}`, options),
  });

  /** Publishes as another client does. */
  send(cache: string, topic: string, value: string | Uint8Array, tokenId?: string): void {
    const place = `${cache}\n${topic}`;
    const sequence = (this.#sequences.get(place) ?? 0) + 1;
    this.#sequences.set(place, sequence);
    this.#published.push({ cache, topic, value });
    for (const stream of this.#at(place)) {
      stream.options.onItem({ value: () => value, sequenceNumber: () => sequence, tokenId: () => tokenId });
    }
  }

  /** Loses the next message of a topic, so that subscribers get a gap with the one after it. */
  lose(cache: string, topic: string): void {
    const place = `${cache}\n${topic}`;
    this.#sequences.set(place, (this.#sequences.get(place) ?? 0) + 1);
  }

  /** Ends every stream, as a network that fails does. Subscribers connect again. */
  disconnect(): void {
    this.#end('SERVER_UNAVAILABLE');
  }

  /** Rejects the calls of topics from here on with Momento's code, such as `PERMISSION_ERROR`; undefined ends that. */
  reject(code: string | undefined): void {
    this.#code = code;
    if (code !== undefined) {
      this.#end(code);
    }
  }

  /** Vends no token from here on: `denied` as a policy does, `unavailable` as an outage does; undefined ends that. */
  refuse(reason: 'denied' | 'unavailable' | undefined): void {
    this.#failure =
      reason === 'denied'
        ? new RefusedError(403, 'not-permitted', 'No rule permits this request.')
        : reason && new UnavailableError('The token service is unavailable.', 503);
  }

  /** Ends the client and the source. */
  close(): void {
    this.topics.close();
    this.source.close();
  }

  #vend(): CustomToken {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    return { authToken: `fake-${++this.#serial}`, expiresIn: this.ttl, tokenId: this.tokenId };
  }

  #subscribe(place: string, options: SdkSubscribeOptions): SdkSubscription | SdkError {
    if (this.#code !== undefined) {
      return failure(this.#code);
    }
    const streams = this.#streams;
    const stream: Stream = {
      place,
      options,
      subscription: {
        isSubscribed: true,
        unsubscribe() {
          this.isSubscribed = false;
          streams.delete(stream);
        },
      },
    };
    streams.add(stream);
    return stream.subscription;
  }

  #at(place: string): Stream[] {
    return [...this.#streams].filter(stream => stream.place === place);
  }

  #end(code: string): void {
    for (const stream of [...this.#streams]) {
      stream.subscription.unsubscribe();
      stream.options.onError(failure(code), stream.subscription);
    }
  }
}

function failure(code: string): SdkError {
  return { errorCode: () => code, message: () => `The fake rejects the call with ${code}.` };
}

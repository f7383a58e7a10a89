import type { CacheClient } from '@gomomento/sdk-web';
import type { TokenSource, VendedToken } from 'tokenvending-client';
import { credentialProvider } from 'tokenvending-client/topics';
import type { Place } from './rights';

/** A message in the history. */
export interface Remembered {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How many messages of a topic are kept. */
const LIMIT = 50;

/** A token that covers this key can read the history of the topic, or add to it. */
export const historyKey = (topic: string): string => `history-${topic}`;

/** The last messages of each topic, kept in the cache as the README of the client library describes. */
export class History {
  readonly #source: TokenSource;
  #connection: { readonly token: VendedToken; readonly cache: Promise<CacheClient> } | undefined;

  constructor(source: TokenSource) {
    this.#source = source;
  }

  /** Returns the messages, the oldest first. */
  async recall(place: Place): Promise<readonly Remembered[]> {
    return (await this.#stored(place)).messages;
  }

  /** Adds a message. */
  async remember(place: Place, message: Remembered): Promise<void> {
    const cache = await this.#cache();
    const key = historyKey(place.topic);
    for (;;) {
      const { text, messages } = await this.#stored(place);
      const next = JSON.stringify([...messages, message].slice(-LIMIT));
      // Another sender could have written since: then read it again.
      const stored = await (text === undefined ? cache.setIfAbsent(place.cache, key, next) : cache.setIfEqual(place.cache, key, next, text));
      if (stored.type === 'Error') {
        throw new Error(stored.message());
      }
      if (stored.type === 'Stored') {
        return;
      }
    }
  }

  async #stored({ cache, topic }: Place): Promise<{ text: string | undefined; messages: readonly Remembered[] }> {
    const stored = await (await this.#cache()).get(cache, historyKey(topic));
    if (stored.type === 'Error') {
      throw new Error(stored.message());
    }
    const text = stored.value();
    return { text, messages: parseHistory(text ?? '[]') };
  }

  async #cache(): Promise<CacheClient> {
    const token = await this.#source.token();
    if (this.#connection?.token !== token) {
      this.#connection = { token, cache: connect(token) };
    }
    return this.#connection.cache;
  }
}

async function connect(token: VendedToken): Promise<CacheClient> {
  const { CacheClient, Configurations, NoopMomentoLoggerFactory } = await import('@gomomento/sdk-web');
  return new CacheClient({
    configuration: Configurations.Browser.latest(new NoopMomentoLoggerFactory()),
    credentialProvider: await credentialProvider(token),
    defaultTtlSeconds: 24 * 60 * 60,
  });
}

/** Parses a history that every holder of such a token could have written. */
export function parseHistory(text: string): readonly Remembered[] {
  try {
    const messages = JSON.parse(text) as unknown;
    return Array.isArray(messages) ? messages.filter(isRemembered) : [];
  } catch {
    return [];
  }
}

function isRemembered(value: unknown): value is Remembered {
  const message = value as Remembered | null;
  return (
    typeof message?.id === 'string' &&
    typeof message.name === 'string' &&
    typeof message.text === 'string' &&
    Number.isFinite(message.at)
  );
}

'use client';
import { createContext, createElement, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { TokenVendingError } from './errors.js';
import { report } from './report.js';
import type { TokenSource, TokenState } from './source.js';
import type { Gap, Item, Subscription, SubscriptionStatus } from './subscription.js';
import { TopicsClient } from './topics.js';
import type { PublishOptions, TopicsClientOptions } from './topics-client.js';

interface Shared {
  readonly source: TokenSource;
  readonly topics: TopicsClient;
}

const Context = createContext<Shared | undefined>(undefined);

/** What {@link TokenProvider} gets. */
export interface TokenProviderProps {
  /** Where the tokens come from. Who made it closes it; another user needs another one. */
  readonly source: TokenSource;
  /** Options of the topics client, as of the first rendering with this source. */
  readonly topics?: TopicsClientOptions;
  readonly children?: ReactNode;
}

/** Gives a source of tokens to {@link useToken} and {@link useTopic} below it. */
export function TokenProvider({ source, topics, children }: TokenProviderProps): ReactElement {
  // The client holds nothing while it has no subscription, so it needs no effect that closes it.
  const shared = useMemo(() => ({ source, topics: new TopicsClient(source, topics) }), [source]);
  return createElement(Context.Provider, { value: shared }, children);
}

function useShared(): Shared {
  const shared = useContext(Context);
  if (shared === undefined) {
    throw new Error('This component needs a <TokenProvider> above it.');
  }
  return shared;
}

const ON_SERVER: TokenState = { status: 'idle' };

/** The state of the source, with its token. Fetches the first token, in the browser only. */
export function useToken(): TokenState {
  const { source } = useShared();
  useEffect(() => {
    // Its failure is in the state.
    source.token().catch(() => {});
  }, [source]);
  return useSyncExternalStore(
    source.subscribe,
    () => source.state,
    () => ON_SERVER,
  );
}

/** A topic as {@link useTopic} shows it, as one unchanging value. */
export interface Topic {
  /** The last messages, the oldest first. */
  readonly messages: readonly Item[];
  readonly status: SubscriptionStatus;
  /** Why the subscription is over; undefined while it is not. */
  readonly error: TokenVendingError | undefined;
  /** Where messages may be missing: `after` is the `sequence` of the last message before. */
  readonly gaps: readonly Gap[];
  /** Publishes to the topic; rejects as {@link TopicsClient.publish} does. */
  readonly publish: (value: string | Uint8Array, options?: PublishOptions) => Promise<void>;
}

/** Options of {@link useTopic}. */
export interface UseTopicOptions {
  /** How many messages are kept. Default: 100. */
  readonly limit?: number;
}

/** Subscribes to a topic as long as the component is mounted, with the token of the {@link TokenProvider} above. */
export function useTopic(cache: string, topic: string, { limit = 100 }: UseTopicOptions = {}): Topic {
  const { topics } = useShared();
  const store = useMemo(() => new TopicStore(topics, cache, topic, limit), [topics, cache, topic, limit]);
  return useSyncExternalStore(store.subscribe, store.view, store.view);
}

/** What one component shows of a topic. Subscribes while it has a listener, so that unmounting ends it. */
class TopicStore {
  readonly #listeners = new Set<() => void>();
  #subscription: Subscription | undefined;
  #view: Topic;

  constructor(
    readonly topics: TopicsClient,
    readonly cache: string,
    readonly topic: string,
    readonly limit: number,
  ) {
    const publish: Topic['publish'] = (value, options) => topics.publish(cache, topic, value, options);
    this.#view = { messages: [], status: 'connecting', error: undefined, gaps: [], publish };
  }

  readonly view = (): Topic => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#subscription ??= this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        this.#subscription?.close();
        this.#subscription = undefined;
      }
    };
  };

  #open(): Subscription {
    const last = this.#view.messages.at(-1);
    // A component that was hidden for a while missed what came then.
    this.#change({ status: 'connecting', error: undefined });
    if (last !== undefined) {
      this.#onGap({ after: last.sequence });
    }
    const subscription: Subscription = this.topics.subscribe(this.cache, this.topic, {
      onItem: item => this.#change({ messages: [...this.#view.messages, item].slice(-this.limit) }),
      onGap: gap => this.#onGap(gap),
      onStatus: status => subscription === this.#subscription && this.#change({ status }),
      onError: error => this.#change({ error }),
    });
    return subscription;
  }

  #onGap(gap: Gap): void {
    this.#change({ gaps: [...this.#view.gaps, gap].slice(-this.limit) });
  }

  #change(part: Partial<Topic>): void {
    this.#view = { ...this.#view, ...part };
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        report(error);
      }
    }
  }
}

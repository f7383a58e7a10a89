import { RefusedError, TokenSource, TopicError } from 'tokenvending-client';
import type { Credentials, TokenState } from 'tokenvending-client';
import { TopicsClient } from 'tokenvending-client/topics';
import type { Item, Subscription, SubscriptionStatus } from 'tokenvending-client/topics';
import { rightsIn } from './rights';
import type { Rights } from './rights';

/** One line of the conversation. */
export type Entry =
  | { readonly id: number; readonly kind: 'gap'; readonly at: Date }
  | {
      readonly id: number;
      readonly kind: 'message' | 'joined' | 'left';
      readonly at: Date;
      readonly name: string;
      /** Whether the name is the id of the token that published the message. */
      readonly fromToken: boolean;
      readonly own: boolean;
      readonly text: string;
    };

/** The immutable state that the page shows. */
export interface View {
  readonly entries: readonly Entry[];
  readonly status: SubscriptionStatus;
  readonly token: TokenState;
  /** Undefined until there is a token. */
  readonly rights: Rights | undefined;
  /** Why the session ended, or why the last message was not sent. */
  readonly trouble: string | undefined;
}

export interface Wish {
  readonly url: string;
  readonly credentials: Credentials;
  readonly parameters: Readonly<Record<string, string>>;
  readonly cache: string;
  readonly topic: string;
  readonly room: string;
  readonly name: string;
}

/** The most entries that are kept. */
const KEPT = 500;

/** The content of a message. Its name is used only if the token has no id. */
interface Body {
  readonly kind: 'message' | 'joined' | 'left';
  readonly name: string;
  readonly text: string;
}

/** A person in a room, from Join to Leave. */
export class Session {
  readonly wish: Wish;
  readonly #source: TokenSource;
  readonly #topics: TopicsClient;
  readonly #subscription: Subscription;
  readonly #listeners = new Set<() => void>();
  #view: View;
  #serial = 0;

  constructor(wish: Wish) {
    this.wish = wish;
    const { url, credentials, parameters } = wish;
    this.#source = new TokenSource({ url, credentials, parameters });
    this.#view = { entries: [], status: 'connecting', token: this.#source.state, rights: undefined, trouble: undefined };
    this.#source.subscribe(() => this.#onToken());
    this.#topics = new TopicsClient(this.#source);
    this.#subscription = this.#topics.subscribe(wish.cache, wish.topic, {
      onItem: item => this.#onItem(item),
      onGap: () => this.#add({ id: this.#serial++, kind: 'gap', at: new Date() }),
      onStatus: status => this.#change({ status }),
      onError: error => this.#change({ status: 'closed', trouble: sentence(error) }),
    });
    this.#subscription.ready.then(
      () => void this.#say('joined', ''),
      () => {},
    );
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): View => this.#view;

  remaining(): number {
    return this.#source.remaining();
  }

  /** Returns whether the message was sent. */
  async send(text: string): Promise<boolean> {
    return this.#say('message', text);
  }

  async leave(): Promise<void> {
    this.#subscription.close();
    if (this.#source.remaining() > 0) {
      // Leave waits no longer than this.
      await Promise.race([this.#say('left', ''), new Promise(resolve => setTimeout(resolve, 1000))]);
    }
    this.#topics.close();
    this.#source.close();
    this.#listeners.clear();
  }

  async #say(kind: Body['kind'], text: string): Promise<boolean> {
    if (this.#view.rights?.publish !== true) {
      return false;
    }
    try {
      const body: Body = { kind, name: this.wish.name, text };
      await this.#topics.publish(this.wish.cache, this.wish.topic, JSON.stringify(body));
      this.#change({ trouble: undefined });
      return true;
    } catch (error) {
      this.#change({ trouble: `Not sent. ${sentence(error)}` });
      return false;
    }
  }

  #onToken(): void {
    const token = this.#source.state;
    const { cache, topic } = this.wish;
    const rights = token.token === undefined ? this.#view.rights : rightsIn(token.token.permissions, cache, topic);
    this.#change({ token, rights });
  }

  #onItem({ value, tokenId }: Item): void {
    const body = read(value);
    const own = this.#source.state.token?.tokenId;
    this.#add({
      ...body,
      id: this.#serial++,
      at: new Date(),
      name: tokenId ?? body.name,
      fromToken: tokenId !== undefined,
      own: tokenId !== undefined && tokenId === own,
    });
  }

  #add(entry: Entry): void {
    this.#change({ entries: [...this.#view.entries, entry].slice(-KEPT) });
  }

  #change(part: Partial<View>): void {
    this.#view = { ...this.#view, ...part };
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

/** Parses a message of any publisher. */
export function read(value: string | Uint8Array): Body {
  const text = typeof value === 'string' ? value : new TextDecoder().decode(value);
  try {
    const body = JSON.parse(text) as Partial<Record<keyof Body, unknown>> | null;
    if (typeof body === 'object' && body !== null && typeof body.text === 'string') {
      return {
        kind: body.kind === 'joined' || body.kind === 'left' ? body.kind : 'message',
        name: typeof body.name === 'string' && body.name !== '' ? body.name : 'unknown',
        text: body.text,
      };
    }
  } catch {
    // Another program's message is shown unchanged.
  }
  return { kind: 'message', name: 'unknown', text };
}

/** Returns an error as a sentence for the reader of the page. */
export function sentence(error: unknown): string {
  if (error instanceof RefusedError) {
    switch (error.status) {
      case 401:
        return `You are not signed in: ${error.detail}`;
      case 403:
        return `You may not come in here: ${error.detail}`;
      default:
        return `The token service did not understand the request: ${error.detail}`;
    }
  }
  if (error instanceof TopicError) {
    switch (error.code) {
      case 'PERMISSION_ERROR':
        return 'Your token does not allow this.';
      case 'NOT_FOUND_ERROR':
        return 'The cache of this chat does not exist.';
      default:
        return 'The service could not be reached.';
    }
  }
  return 'Something went wrong.';
}

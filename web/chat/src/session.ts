import { ClosedError, RefusedError, SetupError, TokenSource, TopicError, UnavailableError } from 'tokenvending-client';
import type { Credentials, TokenState } from 'tokenvending-client';
import { TopicsClient } from 'tokenvending-client/topics';
import type { Item, Subscription, SubscriptionStatus } from 'tokenvending-client/topics';
import { History, historyKey } from './history';
import type { Remembered } from './history';
import { keyRights, placeOf, rightsIn, topicsIn } from './rights';
import type { Place, Rights } from './rights';
import type { Settings } from './settings';

/** `waiting`: in the queue; `sent`: the service accepted it. */
export type Delivery = 'waiting' | 'sending' | 'sent' | 'failed';

export interface MessageEntry {
  readonly id: number;
  readonly kind: 'message' | 'joined' | 'left';
  readonly at: Date;
  readonly name: string;
  /** Whether the name is the id of the token that published the message. */
  readonly fromToken: boolean;
  readonly own: boolean;
  readonly text: string;
  /** The sender's id of the message: one that arrives twice is shown once. */
  readonly nonce: string | undefined;
  /** Set for a message that this session sent. */
  readonly delivery?: Delivery;
  /** Why it failed. */
  readonly failure?: string;
}

/** One line of the conversation. */
export type Entry = { readonly id: number; readonly kind: 'gap'; readonly at: Date } | MessageEntry;

/**
 * `connecting`: not connected yet; `reconnecting`: for a moment; `offline`: for longer, or the browser has no network;
 * `closed`: the session is over.
 */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'offline' | 'closed';

/** The immutable state that the page shows. */
export interface View {
  /** What arrived, then what is being sent. */
  readonly entries: readonly Entry[];
  readonly connection: Connection;
  readonly token: TokenState;
  /** When it connects again, by `Date.now()`. */
  readonly retryAt: number | undefined;
  /** Whether the user can hurry the next attempt: the server did not set its time. */
  readonly canRetry: boolean;
  /** Undefined until there is a token. */
  readonly place: Place | undefined;
  readonly rights: Rights | undefined;
  /** Why the session ended. */
  readonly trouble: string | undefined;
  /** Messages of others that arrived while the user did not look. */
  readonly unread: number;
  /** The id of the first of them. It stays until the user looks away again. */
  readonly firstUnread: number | undefined;
}

/** What someone wrote to join a room. */
export interface Destination {
  readonly parameters: Readonly<Record<string, string>>;
  readonly room: string;
  readonly name: string;
}

/** Who joins which room. */
export interface Entrance extends Destination {
  readonly url: string;
  readonly credentials: Credentials;
  readonly settings: Pick<Settings, 'cache' | 'topic'>;
}

/** The most entries that are kept. */
const KEPT = 500;
/**
 * The pause between attempts to connect, in the first minutes of an outage; after that, the library's. A loss that the
 * first attempt ends is not shown as offline.
 */
const ATTEMPT_EVERY = 2000;
const ATTEMPTS_FOR = 120_000;

/** The content of a message. Its name is used only if the token has no id. */
interface Body {
  readonly kind: 'message' | 'joined' | 'left';
  readonly name: string;
  readonly text: string;
  readonly id?: string;
}

/** A person in a room, from Join to Leave. */
export class Session {
  readonly entrance: Entrance;
  readonly #source: TokenSource;
  readonly #topics: TopicsClient;
  readonly #history: History;
  readonly #listeners = new Set<() => void>();
  readonly #end = new AbortController();
  #subscription: Subscription | undefined;
  #view: View;
  #arrived: readonly Entry[] = [];
  #outbox: readonly MessageEntry[] = [];
  #serial = 0;
  #flushing = false;
  #attentive = true;
  /** When the connection was lost, and the timer of the next attempt. */
  #lostAt: number | undefined;
  #attempt: ReturnType<typeof setTimeout> | undefined;
  #attemptAt: number | undefined;

  constructor(entrance: Entrance, source?: TokenSource, topics?: TopicsClient, history?: History) {
    this.entrance = entrance;
    const { url, credentials, parameters } = entrance;
    this.#source = source ?? new TokenSource({ url, credentials, parameters });
    this.#topics = topics ?? new TopicsClient(this.#source);
    this.#history = history ?? new History(this.#source);
    this.#view = {
      entries: [],
      connection: 'connecting',
      token: this.#source.state,
      retryAt: undefined,
      canRetry: false,
      place: undefined,
      rights: undefined,
      trouble: undefined,
      unread: 0,
      firstUnread: undefined,
    };
    this.#source.subscribe(() => this.#onToken());
    const { signal } = this.#end;
    globalThis.window?.addEventListener('offline', () => this.#onNetwork(), { signal });
    globalThis.window?.addEventListener('online', () => this.#onNetwork(), { signal });
    this.#source.token().then(
      () => this.#enter(),
      (error: unknown) => this.#close(error),
    );
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly view = (): View => this.#view;

  remaining(): number {
    return this.#source.remaining();
  }

  /** Puts a message into the queue, and shows it at once. */
  send(text: string): void {
    const entry: MessageEntry = {
      id: this.#serial++,
      kind: 'message',
      at: new Date(),
      name: this.#source.state.token?.tokenId ?? this.entrance.name,
      fromToken: this.#source.state.token?.tokenId !== undefined,
      own: true,
      text,
      nonce: newNonce(),
      delivery: 'waiting',
    };
    this.#outbox = [...this.#outbox, entry];
    this.#change({ firstUnread: undefined });
    void this.#flush();
  }

  /** Sends a failed message again. Readers show it once, even if it had arrived. */
  retry(id: number): void {
    this.#mark(id, 'waiting');
    void this.#flush();
  }

  /** Forgets a failed message. */
  discard(id: number): void {
    this.#outbox = this.#outbox.filter(one => one.id !== id);
    this.#change({});
  }

  /** Connects now. */
  reconnect(): void {
    const { status } = this.#source.state;
    if (status === 'waiting' || status === 'failed') {
      this.#source.refresh();
    }
    this.#subscription?.retry();
  }

  /** Reports whether the user sees the end of the conversation. */
  attend(attentive: boolean): void {
    if (attentive === this.#attentive) {
      return;
    }
    this.#attentive = attentive;
    this.#change(attentive ? { unread: 0 } : { firstUnread: undefined });
  }

  async leave(): Promise<void> {
    this.#end.abort();
    clearTimeout(this.#attempt);
    this.#subscription?.close();
    if (this.#source.remaining() > 0 && this.#view.connection === 'live') {
      // Leave waits no longer than this.
      await Promise.race([this.#announce('left'), new Promise(resolve => setTimeout(resolve, 1000))]);
    }
    this.#topics.close();
    this.#source.close();
    this.#listeners.clear();
  }

  #enter(): void {
    const { settings, room } = this.entrance;
    const { permissions } = this.#source.state.token!;
    const place = placeOf(permissions, settings, room);
    if (place === undefined) {
      this.#close(new NoPlaceError(topicsIn(permissions)));
      return;
    }
    const rights = rightsIn(permissions, place.cache, place.topic);
    this.#change({ place, rights });
    if (!rights.subscribe) {
      this.#onStatus('live');
      return;
    }
    void this.#recall();
    this.#subscription = this.#topics.subscribe(place.cache, place.topic, {
      onItem: item => this.#onItem(item),
      onGap: () => this.#onGap(),
      onStatus: status => this.#onStatus(status),
      onError: error => this.#close(error),
    });
    this.#subscription.ready.then(
      () => void this.#announce('joined'),
      () => {},
    );
  }

  #close(error: unknown): void {
    if (error instanceof ClosedError) {
      return;
    }
    this.#subscription?.close();
    clearTimeout(this.#attempt);
    this.#lostAt = this.#attemptAt = undefined;
    this.#outbox = this.#outbox.map(one => (one.delivery === 'sent' ? one : { ...one, delivery: 'failed', failure: '' }));
    this.#change({ connection: 'closed', trouble: namesFields(error, this.entrance) ?? sentence(error) });
  }

  async #announce(kind: 'joined' | 'left'): Promise<void> {
    const { place, rights } = this.#view;
    if (place !== undefined && rights?.publish === true) {
      const body: Body = { kind, name: this.entrance.name, text: '' };
      await this.#topics.publish(place.cache, place.topic, JSON.stringify(body)).catch(() => {});
    }
  }

  /** Sends what waits, one after the other, while there is a connection. */
  async #flush(): Promise<void> {
    const { place } = this.#view;
    if (this.#flushing || place === undefined) {
      return;
    }
    this.#flushing = true;
    for (;;) {
      const next = this.#outbox.find(one => one.delivery === 'waiting');
      if (next === undefined || this.#view.connection !== 'live') {
        break;
      }
      this.#mark(next.id, 'sending');
      const body: Body = { kind: 'message', name: this.entrance.name, text: next.text, id: next.nonce! };
      try {
        await this.#topics.publish(place.cache, place.topic, JSON.stringify(body));
        this.#onSent(next, body);
      } catch (error) {
        this.#mark(next.id, 'failed', sentence(error));
      }
    }
    this.#flushing = false;
  }

  #onSent(entry: MessageEntry, { id, name, text }: Body): void {
    this.#mark(entry.id, 'sent');
    if (this.#view.rights?.subscribe !== true) {
      this.#settle(entry.id);
    }
    if (this.#keeps('write')) {
      const remembered: Remembered = { id: id!, name: entry.fromToken ? entry.name : name, text, at: entry.at.getTime() };
      void this.#history.remember(this.#view.place!, remembered).catch(() => {});
    }
  }

  #mark(id: number, delivery: Delivery, failure = ''): void {
    this.#outbox = this.#outbox.map(one =>
      one.id === id ? { ...one, delivery, failure } : one,
    );
    this.#change({});
  }

  /** Moves a message from what is being sent to what arrived. */
  #settle(id: number): void {
    const entry = this.#outbox.find(one => one.id === id);
    if (entry !== undefined) {
      this.#outbox = this.#outbox.filter(one => one !== entry);
      this.#add({ ...entry, delivery: 'sent' });
    }
  }

  #onToken(): void {
    const token = this.#source.state;
    const { place } = this.#view;
    this.#change({
      ...(token.token !== undefined && place !== undefined && { rights: rightsIn(token.token.permissions, place.cache, place.topic) }),
    });
    if (token.status === 'refused' && token.token === undefined && place !== undefined) {
      this.#close(token.error);
    }
  }

  #onStatus(status: SubscriptionStatus): void {
    clearTimeout(this.#attempt);
    if (status === 'live') {
      this.#lostAt = this.#attemptAt = undefined;
      // What failed with the connection is sent again; readers show it once.
      this.#outbox = this.#outbox.map(one => (one.delivery === 'failed' ? { ...one, delivery: 'waiting' } : one));
      this.#change({ connection: isOnline() ? 'live' : 'offline' });
      void this.#flush();
    } else if (status === 'connecting') {
      this.#lostAt = Date.now();
      this.#change({ connection: isOnline() ? 'reconnecting' : 'offline' });
      this.#attemptLater();
    }
  }

  #attemptLater(): void {
    const since = Date.now() - this.#lostAt!;
    if (since >= ATTEMPTS_FOR) {
      this.#attemptAt = undefined;
      this.#change({});
      return;
    }
    this.#attemptAt = Date.now() + ATTEMPT_EVERY;
    this.#attempt = setTimeout(() => {
      this.#change({ connection: 'offline' });
      if (isOnline()) {
        this.reconnect();
      }
      this.#attemptLater();
    }, ATTEMPT_EVERY);
    this.#change({});
  }

  #onNetwork(): void {
    if (this.#view.connection === 'closed' || this.#view.place === undefined) {
      return;
    }
    if (!isOnline()) {
      this.#change({ connection: 'offline' });
    } else if (this.#lostAt === undefined) {
      this.#change({ connection: 'live' });
      void this.#flush();
    } else {
      this.reconnect();
    }
  }

  #onItem({ value, tokenId }: Item): void {
    const body = read(value);
    const name = tokenId ?? body.name;
    const ownId = this.#source.state.token?.tokenId;
    const sent = this.#outbox.find(one => one.nonce !== undefined && one.nonce === body.id);
    if (sent !== undefined && tokenId === ownId) {
      this.#settle(sent.id);
      return;
    }
    const twin = this.#arrived.find(one => one.kind === 'message' && one.nonce !== undefined && one.nonce === body.id) as
      | MessageEntry
      | undefined;
    if (twin !== undefined && (twin.fromToken ? twin.name === tokenId : tokenId === undefined)) {
      return;
    }
    const own = tokenId !== undefined && tokenId === ownId;
    const entry: MessageEntry = {
      ...body,
      id: this.#serial++,
      at: new Date(),
      name,
      fromToken: tokenId !== undefined,
      own,
      nonce: body.id,
    };
    if (twin !== undefined && !twin.fromToken) {
      // It was in the history before it arrived.
      this.#arrived = this.#arrived.map(one => (one === twin ? { ...entry, id: twin.id } : one));
      this.#change({});
      return;
    }
    this.#add(entry);
    if (!this.#attentive && !own && entry.kind === 'message') {
      this.#change({ unread: this.#view.unread + 1, firstUnread: this.#view.firstUnread ?? entry.id });
    }
  }

  #onGap(): void {
    for (const entry of this.#outbox.filter(one => one.delivery === 'sent')) {
      this.#settle(entry.id);
    }
    this.#add({ id: this.#serial++, kind: 'gap', at: new Date() });
    void this.#recall();
  }

  #keeps(right: 'read' | 'write'): boolean {
    const { place, token } = this.#view;
    return place !== undefined && keyRights(token.token?.permissions ?? [], place.cache, historyKey(place.topic))[right];
  }

  /** Adds the messages of the history that are not shown, where the last gap is, or at the beginning. */
  async #recall(): Promise<void> {
    if (!this.#keeps('read')) {
      return;
    }
    const remembered = await this.#history.recall(this.#view.place!).catch(() => []);
    const known = new Set([...this.#arrived, ...this.#outbox].map(one => (one.kind === 'gap' ? undefined : one.nonce)));
    const missing = remembered
      .filter(({ id }) => !known.has(id))
      .map(({ id, name, text, at }): MessageEntry => {
        // Every holder of a token for the history can write it, so that no name in it is verified.
        return { id: this.#serial++, kind: 'message', at: new Date(at), name, fromToken: false, own: false, text, nonce: id };
      });
    const gap = this.#arrived.findLastIndex(one => one.kind === 'gap') + 1;
    this.#arrived = [...this.#arrived.slice(0, gap), ...missing, ...this.#arrived.slice(gap)].slice(-KEPT);
    this.#change({});
  }

  #add(entry: Entry): void {
    this.#arrived = [...this.#arrived, entry].slice(-KEPT);
    this.#change({});
  }

  #change(part: Partial<View>): void {
    const token = this.#source.state;
    const connection = part.connection ?? this.#view.connection;
    const waits = token.status === 'waiting' && token.token === undefined;
    const entries = [...this.#arrived, ...this.#outbox];
    const tries = connection !== 'live' && connection !== 'closed' && isOnline();
    this.#view = {
      ...this.#view,
      ...part,
      // The same object where nothing changed, so that the conversation is not rendered again.
      entries: isSame(entries, this.#view.entries) ? this.#view.entries : entries,
      token,
      retryAt: !tries ? undefined : waits && !canHurry(token) ? token.retryAt : (this.#attemptAt ?? this.#subscription?.retryAt ?? token.retryAt),
      canRetry: tries && (!waits || canHurry(token)),
    };
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

/** Whether no server has set the time of the next attempt. */
const canHurry = ({ error }: TokenState) => error instanceof UnavailableError && error.status === undefined;

function isSame(some: readonly Entry[], others: readonly Entry[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}

const isOnline = () => globalThis.navigator?.onLine !== false;

/** An id of a message. `crypto.randomUUID` is only for pages over HTTPS. */
function newNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), part => part.toString(36)).join('-');
}

/** The token is for other rooms, or for none. */
class NoPlaceError extends Error {
  constructor(topics: readonly string[]) {
    super(
      topics.length === 0
        ? 'Your token does not allow any room.'
        : `Your token does not allow this room. It allows: ${topics.join(', ')}.`,
    );
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
        ...(typeof body.id === 'string' && { id: body.id }),
      };
    }
  } catch {
    // Another program's message is shown unchanged.
  }
  return { kind: 'message', name: 'unknown', text };
}

/**
 * Names the fields that a request was rejected for: only a server for local use reports them. The form checks all but the
 * joiners, so that a value with one is the cause, and otherwise any can be.
 */
function namesFields(error: unknown, { parameters, room }: Destination): string | undefined {
  if (!(error instanceof RefusedError) || error.type !== 'malformed-request' || error.detail.startsWith('Malformed:')) {
    return undefined;
  }
  const joined = Object.entries(parameters).filter(([, value]) => /[\u200c\u200d\ufe0f]/.test(value));
  const names = (fields: [string, string][]) => fields.map(([name, value]) => (name !== 'name' && value === room ? 'room' : name)).join(', ');
  if (joined.length > 0) {
    return `The token service does not accept an invisible joiner in: ${names(joined)}. Type it anew.`;
  }
  const all = names(Object.entries(parameters));
  return all === '' ? undefined : `The token service rejected the request. Check: ${all}.`;
}

/** Returns an error as a sentence for the reader of the page. */
export function sentence(error: unknown): string {
  if (error instanceof RefusedError) {
    switch (error.status) {
      case 401:
        return `You are not signed in: ${error.detail}`;
      case 403:
        return `Access denied: ${error.detail}`;
      default:
        return `The token service rejected the request: ${error.detail}`;
    }
  }
  if (error instanceof TopicError) {
    switch (error.code) {
      case 'PERMISSION_ERROR':
        return 'Your token does not allow this.';
      case 'NOT_FOUND_ERROR':
        return 'The cache of this chat does not exist.';
      case 'LIMIT_EXCEEDED_ERROR':
        return 'Too many messages at once.';
      default:
        return 'The service could not be reached.';
    }
  }
  if (error instanceof UnavailableError || error instanceof SetupError || error instanceof NoPlaceError) {
    return error.message;
  }
  return 'Something went wrong.';
}

import type { Credentials } from './credentials.js';
import { ClosedError, RefusedError, SetupError, UnavailableError } from './errors.js';
import { report } from './report.js';
import { tabNames, Tabs } from './tabs.js';
import { within } from './time.js';
import { HeldToken, parseToken, Stopwatch } from './token.js';
import type { VendedToken } from './token.js';

/** The options of a {@link TokenSource}. */
export interface TokenSourceOptions {
  /** The URL of the token vending machine; absolute, or relative to the page. */
  readonly url: string | URL;
  readonly credentials: Credentials;
  /** The values of the `parameters` that the machine declares, such as a name or a room. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** A shorter lifetime than the rule's, in seconds. */
  readonly ttl?: number;
  /** Fewer permissions than the rule allows, in their text form. */
  readonly permissions?: readonly string[];
  /** Whether tabs with the same credential share one token. Default: true, if the browser supports it. */
  readonly share?: boolean;
}

/** The immutable state of a source. `token` is set while it is valid, whatever the status. */
export interface TokenState {
  /**
   * `waiting`: no token now, the next attempt is at `retryAt`; `refused`: no further attempt; `failed`: no attempt
   * before the next call of `token()`. `error` is the reason.
   */
  readonly status: 'idle' | 'fetching' | 'ready' | 'waiting' | 'refused' | 'failed' | 'closed';
  readonly token?: VendedToken;
  readonly error?: RefusedError | UnavailableError | SetupError;
  /** By `Date.now()`. */
  readonly retryAt?: number;
}

/** The timeout of a response, in milliseconds. */
const ANSWER_WITHIN = 30_000;
/** Timers stop while the machine sleeps, so none is longer than this. */
const LONGEST_TIMER = 30_000;
/** The pause between attempts without a Retry-After: from one second, doubled each time. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;
/** Prevents a tight loop of replacements if the service rejects every token at once. */
const BETWEEN_REPLACEMENTS = 2000;

/**
 * Keeps one token fresh: fetches it at the first {@link token}, again at the time that the machine set, and at once
 * after sleep or an outage. Only one fetch runs at a time, in this tab and in all tabs with the same credential. A
 * token is never written to storage.
 */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  readonly #listeners = new Set<() => void>();
  #state: TokenState = { status: 'idle' };
  #held: HeldToken | undefined;
  #rejected: string | undefined;
  #tabs: Tabs | undefined;
  /** What the name of the tabs was made from. */
  #shown: string | undefined;
  #busy = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the next fetch is due, and whether a change of the network may hurry it. */
  #due: { since: Stopwatch; wait: number; hasty: boolean } | undefined;
  #sinceFetch: Stopwatch | undefined;
  #wanted: Deferred<VendedToken> | undefined;
  readonly #abort = new AbortController();

  constructor(options: TokenSourceOptions) {
    this.#options = options;
    const signal = this.#abort.signal;
    // React Native has a window that takes no listeners.
    const target = globalThis.window;
    target?.addEventListener?.('online', () => this.#wake(true), { signal });
    target?.addEventListener?.('pageshow', () => this.#wake(false), { signal });
    globalThis.document?.addEventListener?.('visibilitychange', () => this.#wake(false), { signal });
  }

  /** The current state; a new object after each change. */
  get state(): TokenState {
    return this.#state;
  }

  /**
   * Calls the listener after each change of {@link state}; the returned function unsubscribes. It is bound to the
   * source, so `useSyncExternalStore(source.subscribe, () => source.state)` works.
   */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /**
   * Returns a token that has not expired. Waits through outages and throttling; rejects with a {@link RefusedError}
   * if the token vending machine denies it, with a {@link SetupError} if no request can be sent, and with a {@link
   * ClosedError} after {@link close}.
   */
  async token(): Promise<VendedToken> {
    if (this.#abort.signal.aborted) {
      throw closedError();
    }
    if (this.#held !== undefined && this.#held.remaining() > 0) {
      return this.#held.token;
    }
    if (this.#state.status === 'refused') {
      throw this.#state.error;
    }
    this.#wanted ??= deferred();
    if (this.#due === undefined) {
      void this.#fetch();
    } else {
      this.#wake(false);
    }
    return this.#wanted.promise;
  }

  /** The milliseconds that the current token is still valid, by the server's clock; 0 without one. */
  remaining(): number {
    return this.#held?.remaining() ?? 0;
  }

  /** Fetches a new token now, unless the machine has set a Retry-After. */
  refresh(): void {
    if (this.#state.status !== 'waiting' || this.#due?.hasty === true) {
      void this.#fetch();
    }
  }

  /** Reports that the service rejected this token before its expiry; a new one is fetched. */
  reject(token: VendedToken): void {
    if (this.#held?.token.authToken !== token.authToken) {
      return;
    }
    this.#rejected = token.authToken;
    this.#held = undefined;
    if (this.#state.status === 'ready') {
      this.#plan(Math.max(0, BETWEEN_REPLACEMENTS - (this.#sinceFetch?.elapsed() ?? Infinity)), true);
    }
    this.#become({ ...this.#state });
  }

  /** Stops fetching, and drops the token. */
  close(): void {
    this.#abort.abort();
    this.#stop();
    this.#held = undefined;
    this.#wanted?.reject(closedError());
    this.#wanted = undefined;
    this.#become({ status: 'closed' });
    this.#listeners.clear();
  }

  #become({ status, error, retryAt }: TokenState): void {
    const token = this.#held?.token;
    this.#state = {
      status,
      ...(token !== undefined && { token }),
      ...(error !== undefined && { error }),
      ...(retryAt !== undefined && { retryAt }),
    };
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        report(error);
      }
    }
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#due = undefined;
    this.#tabs?.close();
    this.#tabs = undefined;
  }

  #plan(wait: number, hasty: boolean): void {
    if (this.#abort.signal.aborted) {
      return;
    }
    this.#due = { since: new Stopwatch(), wait, hasty };
    this.#wake(false);
  }

  /** Fetches if it is time, else sets the timer anew. */
  #wake(hurry: boolean): void {
    clearTimeout(this.#timer);
    if (this.#due === undefined) {
      return;
    }
    const left = this.#due.wait - this.#due.since.elapsed();
    if (!this.#busy && (left <= 0 || (hurry && this.#due.hasty))) {
      void this.#fetch();
    } else {
      // The end of the token is noticed too: it leaves the state then.
      const end = this.#held === undefined ? LONGEST_TIMER : this.#held.remaining();
      this.#timer = setTimeout(() => this.#wake(false), Math.max(100, Math.min(left, end, LONGEST_TIMER)));
    }
    if (this.#state.token !== undefined && this.#held?.remaining() === 0) {
      this.#held = undefined;
      this.#become(this.#state);
    }
  }

  async #fetch(): Promise<void> {
    if (this.#busy || this.#abort.signal.aborted || this.#state.status === 'refused') {
      return;
    }
    this.#busy = true;
    clearTimeout(this.#timer);
    this.#due = undefined;
    this.#become({ status: 'fetching' });
    try {
      const authorization = await this.#authorization();
      const before = this.#held;
      const isNew = () => this.#held !== undefined && this.#held !== before && this.#held.refreshIn() > 0;
      const tabs = await this.#meet(authorization);
      if (tabs === undefined) {
        this.#adopt(await this.#vend(authorization));
      } else {
        await tabs.alone(async () => {
          await tabs.ask(isNew);
          if (!isNew() && !this.#abort.signal.aborted) {
            this.#adopt(await this.#vend(authorization));
            tabs.tell(this.#held!);
          }
        });
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#busy = false;
    }
  }

  async #authorization(): Promise<string | undefined> {
    try {
      const value = await this.#options.credentials.authorization();
      // Throws where it is no header value, which fetch would report like a network failure.
      new Headers({ authorization: value ?? '' });
      return value;
    } catch (cause) {
      if (cause instanceof RefusedError || cause instanceof UnavailableError) {
        throw cause;
      }
      throw new SetupError('The credentials failed.', { cause });
    }
  }

  /** The tabs that show the same; the names change when a JWT does. */
  async #meet(authorization: string | undefined): Promise<Tabs | undefined> {
    if (this.#options.share === false) {
      return undefined;
    }
    if (this.#tabs === undefined || authorization !== this.#shown) {
      const address = this.#address();
      // Where a browser forbids what sharing needs, as in a sandboxed frame, this tab works alone.
      const names = await tabNames(String(address), authorization, this.#options.credentials.stretch).catch(
        () => undefined,
      );
      this.#tabs?.close();
      this.#tabs = undefined;
      if (names !== undefined && !this.#abort.signal.aborted) {
        this.#tabs = new Tabs(
          names,
          address.origin,
          () => this.#held,
          heard => this.#hear(heard),
        );
        this.#shown = authorization;
      }
    }
    return this.#tabs;
  }

  #hear(heard: HeldToken): void {
    if (
      heard.token.authToken !== this.#rejected &&
      heard.remaining() > (this.#held?.remaining() ?? 0) &&
      this.#state.status !== 'refused' &&
      !this.#abort.signal.aborted
    ) {
      this.#adopt(heard);
    }
  }

  #adopt(held: HeldToken): void {
    if (this.#abort.signal.aborted) {
      return;
    }
    this.#held = held;
    this.#failures = 0;
    this.#sinceFetch = new Stopwatch();
    this.#wanted?.resolve(held.token);
    this.#wanted = undefined;
    this.#become({ status: 'ready' });
    this.#plan(held.refreshIn(), true);
  }

  #failed(error: unknown): void {
    if (this.#abort.signal.aborted) {
      return;
    }
    if (error instanceof RefusedError) {
      this.#stop();
      this.#wanted?.reject(error);
      this.#wanted = undefined;
      this.#become({ status: 'refused', error });
      return;
    }
    // What is not known to be an outage is a fault of the page or of this library, and reported as it is.
    const passing =
      error instanceof UnavailableError || error instanceof SetupError
        ? error
        : new SetupError('No token was fetched.', { cause: error });
    if (passing instanceof SetupError) {
      this.#wanted?.reject(passing);
      this.#wanted = undefined;
      if (this.#held === undefined) {
        this.#become({ status: 'failed', error: passing });
        return;
      }
    }
    const backoff = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    // Never earlier than asked, and not all at once.
    const { retryAfter, status } = passing as Partial<UnavailableError>;
    const wait =
      retryAfter === undefined
        ? backoff * (0.5 + Math.random() / 2)
        : retryAfter + Math.random() * Math.max(500, retryAfter / 4);
    this.#plan(wait, status === undefined);
    this.#become({ status: 'waiting', error: passing, retryAt: Date.now() + wait });
  }

  #address(): URL {
    const { url, parameters = {}, ttl, permissions = [] } = this.#options;
    try {
      const address = new URL(url, globalThis.location?.href);
      for (const [name, value] of Object.entries(parameters)) {
        address.searchParams.set(name, value);
      }
      if (ttl !== undefined) {
        address.searchParams.set('ttl', String(ttl));
      }
      for (const permission of permissions) {
        address.searchParams.append('permission', permission);
      }
      return address;
    } catch (cause) {
      throw new SetupError(`Not an absolute URL: ${url}`, { cause });
    }
  }

  async #vend(authorization: string | undefined): Promise<HeldToken> {
    const asked = new Stopwatch();
    const address = this.#address();
    const { response, body } = await within(
      ANSWER_WITHIN,
      async signal => {
        const response = await fetch(address, {
          headers: { accept: 'application/json', ...(authorization !== undefined && { authorization }) },
          cache: 'no-store',
          credentials: 'omit',
          // A credential must not follow a redirect, nor is the address of the page sent.
          redirect: 'error',
          referrerPolicy: 'no-referrer',
          signal,
        });
        return { response, body: (await response.json().catch(() => undefined)) as unknown };
      },
      this.#abort.signal,
    ).catch(cause => {
      throw new UnavailableError('The token service cannot be reached.', undefined, undefined, { cause });
    });
    if (response.ok) {
      const token = parseToken(body);
      if (token === undefined) {
        throw new UnavailableError('What answered is not a token service.', response.status);
      }
      // Counted from the question: the token is at most that old.
      return new HeldToken(token, asked.elapsed());
    }
    const problem = (body ?? {}) as { type?: unknown; detail?: unknown; title?: unknown };
    const detail = [problem.detail, problem.title].find(text => typeof text === 'string' && text !== '');
    const { status } = response;
    if (status === 408 || status === 425 || status === 429 || status >= 500) {
      throw new UnavailableError(
        String(detail ?? 'No token can be had right now.'),
        status,
        retryAfter(response.headers.get('retry-after')),
      );
    }
    throw new RefusedError(
      status,
      typeof problem.type === 'string' ? problem.type.replace(/^.*[/:#]/, '') : 'unknown',
      String(detail ?? `The token service refused: ${status}.`),
      response.headers.get('x-request-id') ?? undefined,
    );
  }
}

function closedError(): ClosedError {
  return new ClosedError('Closed: create another.');
}

/** Milliseconds; RFC 9110 §10.2.3 allows seconds or a date. */
function retryAfter(value: string | null): number | undefined {
  if (value === null || value.trim() === '') {
    return undefined;
  }
  const wait = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

// Promise.withResolvers is too new for browsers in use.
function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((whenDone, whenNot) => {
    resolve = whenDone;
    reject = whenNot;
  });
  // A rejection is in the state as well, so an unhandled one is not an error.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

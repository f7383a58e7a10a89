import { none } from './credentials.js';
import type { Credentials } from './credentials.js';
import { ClosedError, RefusedError, SetupError, TokenVendingError, UnavailableError } from './errors.js';
import { logger, report } from './report.js';
import type { Debug } from './report.js';
import { tabNames, Tabs } from './tabs.js';
import { abortable } from './time.js';
import { HeldToken, Stopwatch } from './token.js';
import type { VendedToken } from './token.js';
import { fetchCustom, vend } from './vend.js';
import type { FetchToken } from './vend.js';

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
  /** Logs each change of state, without secrets: to the console, or to a function. Default: false. */
  readonly debug?: Debug;
}

/** The immutable state of a source. `token` is set while it is valid, whatever the status. */
export interface TokenState {
  /**
   * `waiting`: no token now, the next attempt is at `retryAt`; `refused`: no further attempt; `failed`: no attempt
   * before the next call of `token()`. `error` is the reason.
   */
  readonly status: 'idle' | 'fetching' | 'ready' | 'waiting' | 'refused' | 'failed' | 'closed';
  readonly token?: VendedToken | undefined;
  readonly error?: RefusedError | UnavailableError | SetupError | undefined;
  /** By `Date.now()`. */
  readonly retryAt?: number | undefined;
}

declare const process: { readonly env: { readonly NODE_ENV?: string } };

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
  #fetchToken: FetchToken | undefined;
  readonly #log: (line: string) => void;
  /** Whether a request succeeded, and whether the console has the warning about the first that failed. */
  #succeeded: boolean | undefined;
  #warned: boolean | undefined;
  readonly #listeners = new Set<() => void>();
  #state: TokenState = { status: 'idle' };
  #held: HeldToken | undefined;
  #rejected: string | undefined;
  #tabs: Tabs | undefined;
  /** What the name of the tabs was made from. */
  #shown: string | undefined;
  #busy: boolean | undefined;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the next fetch is due, and whether a change of the network may hurry it. */
  #due: { since: Stopwatch; wait: number; hasty: boolean } | undefined;
  #sinceFetch: Stopwatch | undefined;
  #wanted: Deferred<VendedToken> | undefined;
  readonly #abort = new AbortController();

  constructor(options: TokenSourceOptions) {
    this.#options = options;
    this.#log = logger(options.debug);
    const signal = this.#abort.signal;
    for (const event of ['online', 'pageshow', 'visibilitychange']) {
      // React Native has a window that takes no listeners.
      globalThis.window?.addEventListener?.(event, () => this.#wake(event === 'online'), { signal });
    }
  }

  /**
   * A source for any backend: `fetchToken` is called for each token. It resolves to a token, or to the response that has it
   * as JSON, whose status and `Retry-After` then count as those of a token vending machine. A network failure and an
   * {@link UnavailableError} are retried, a {@link RefusedError} is final, and any other error rejects {@link token}.
   * Tabs do not share these tokens.
   */
  static custom(fetchToken: FetchToken, options: Pick<TokenSourceOptions, 'debug'> = {}): TokenSource {
    const source = new TokenSource({ ...options, url: '', credentials: none(), share: false });
    source.#fetchToken = fetchToken;
    return source;
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
   * Returns a token that has not expired. Waits through outages and throttling; rejects with a {@link RefusedError} if
   * the token vending machine rejects the request, with a {@link SetupError} if the page must be corrected, with a {@link
   * ClosedError} after {@link close}, and with the signal's reason if it aborts.
   */
  async token({ signal }: { readonly signal?: AbortSignal } = {}): Promise<VendedToken> {
    return abortable(() => this.#token(), signal);
  }

  async #token(): Promise<VendedToken> {
    if (this.#closed) {
      throw closedError();
    }
    if (this.remaining() > 0) {
      return this.#held!.token;
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
    this.#state = { status, token: this.#held?.token, error, retryAt };
    this.#log(JSON.stringify({ status, code: error?.code, message: error?.message, retryAt }));
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        report(error);
      }
    }
  }

  get #closed(): boolean {
    return this.#abort.signal.aborted;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#due = undefined;
    this.#tabs?.close();
    this.#tabs = undefined;
  }

  #plan(wait: number, hasty: boolean): void {
    if (this.#closed) {
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
    if (this.#busy || this.#closed || this.#state.status === 'refused') {
      return;
    }
    this.#busy = true;
    clearTimeout(this.#timer);
    this.#due = undefined;
    this.#become({ status: 'fetching' });
    try {
      const authorization = await this.#authorization();
      const before = this.#held;
      const isNew = () => this.#held !== before && (this.#held?.refreshIn() ?? 0) > 0;
      const tabs = await this.#meet(authorization);
      if (tabs === undefined) {
        this.#adopt(await this.#vend(authorization));
      } else {
        await tabs.alone(async () => {
          await tabs.ask(isNew);
          if (!isNew() && !this.#closed) {
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
      if (cause instanceof TokenVendingError) {
        throw cause;
      }
      throw new SetupError('CREDENTIALS_FAILED', 'The credentials callback failed.', { cause });
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
      if (names !== undefined && !this.#closed) {
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
      heard.remaining() > this.remaining() &&
      this.#state.status !== 'refused'
    ) {
      this.#adopt(heard);
    }
  }

  #adopt(held: HeldToken): void {
    if (this.#closed) {
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
    if (this.#closed) {
      return;
    }
    // What is not known to be an outage is a fault of the page, and reported as it is.
    const reason = error as NonNullable<TokenState['error']>;
    this.#warn(reason);
    if (!(reason instanceof UnavailableError)) {
      this.#wanted?.reject(reason);
      this.#wanted = undefined;
      if (reason instanceof RefusedError) {
        this.#stop();
      }
      if (reason instanceof RefusedError || this.#held === undefined) {
        this.#become({ status: reason instanceof RefusedError ? 'refused' : 'failed', error: reason });
        return;
      }
    }
    const backoff = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    // Never earlier than asked, and not all at once.
    const { retryAfter, status } = reason as Partial<UnavailableError>;
    const wait =
      retryAfter === undefined
        ? backoff * (0.5 + Math.random() / 2)
        : retryAfter + Math.random() * Math.max(500, retryAfter / 4);
    this.#plan(wait, status === undefined);
    this.#become({ status: 'waiting', error: reason, retryAt: Date.now() + wait });
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
      throw new SetupError('INVALID_URL', `Not an absolute URL: ${url}`, { cause });
    }
  }

  async #vend(authorization: string | undefined): Promise<HeldToken> {
    const { signal } = this.#abort;
    const held = await (this.#fetchToken === undefined
      ? vend(this.#address(), authorization, !this.#succeeded, signal)
      : fetchCustom(this.#fetchToken, signal));
    this.#succeeded = true;
    return held;
  }

  #warn(error: TokenVendingError): void {
    try {
      // Bundlers replace this, so that a production build has none of it.
      if (process.env.NODE_ENV === 'development' && !this.#succeeded && !this.#warned) {
        this.#warned = true;
        const hint =
          error.code === 'UNREACHABLE'
            ? ' Is it running? Does the Content-Security-Policy of this page list it in connect-src?'
            : '';
        console.warn(`tokenvending-client: no token yet. ${error.code}: ${error.message}${hint}`, error.cause ?? '');
      }
    } catch {
      // Neither a bundler nor Node.js.
    }
  }
}

function closedError(): ClosedError {
  return new ClosedError('Closed: create another.');
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

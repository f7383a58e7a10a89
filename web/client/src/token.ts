/** The response of the token vending machine. Times are in seconds by the server's clock. */
export interface VendedToken {
  /** The token, as Momento's SDKs accept it. */
  readonly authToken: string;
  readonly expiresAt: number;
  readonly expiresIn: number;
  readonly refreshAfter: number;
  readonly serverTime: number;
  readonly endpoint: string;
  /** The id that subscribers see beside each message published with this token. */
  readonly tokenId?: string;
  /** The permissions in text form, such as `SubscribeOnly cache=chat topic=news`. */
  readonly permissions: readonly string[];
  /** The browser's address of the service, if the token does not contain it: a service on this machine. */
  readonly webEndpoint?: string;
}

/** The time since a moment, by two clocks: one stops while the machine sleeps, the other can be set. */
export class Stopwatch {
  readonly #wall: number;
  readonly #monotonic: number;

  /** `ago` is how long ago the moment was, in milliseconds. */
  constructor(ago = 0) {
    this.#wall = Date.now() - ago;
    this.#monotonic = performance.now() - ago;
  }

  /** Milliseconds. A clock that is set back, or sleep, cannot make it shorter. */
  elapsed(): number {
    return Math.max(Date.now() - this.#wall, performance.now() - this.#monotonic);
  }
}

/** The seconds for fetching the next token and subscribing with it, also on a slow network. */
const SPARE = 10;

/** A token and its age. */
export class HeldToken {
  readonly #since: Stopwatch;

  /** `age` is how old it was already, in milliseconds. */
  constructor(
    readonly token: VendedToken,
    age = 0,
  ) {
    this.#since = new Stopwatch(age);
  }

  age(): number {
    return this.#since.elapsed();
  }

  /** The milliseconds until it expires, less a margin because `serverTime` is in whole seconds. */
  remaining(): number {
    const life = (this.token.expiresAt - this.token.serverTime) * 1000;
    return Math.max(0, life - Math.min(1000, life / 10) - this.age());
  }

  /** The milliseconds until a new one should be fetched. */
  refreshIn(): number {
    const life = this.token.expiresAt - this.token.serverTime;
    const told = this.token.refreshAfter - this.token.serverTime;
    // `refreshAfter` may be within the last second: too late for an answer and a new stream. Before its half the machine
    // might hand out the same token again.
    const wait = Math.max(Math.min(told, Math.max(life / 2 + 1, life - SPARE)), life / 3);
    return Math.max(0, wait * 1000 - this.age());
  }
}

/** Parses a token, or returns undefined if the body is not one. */
export function parseToken(body: unknown): VendedToken | undefined {
  const token = body as VendedToken | null;
  return typeof token?.authToken === 'string' &&
    [token.expiresAt, token.refreshAfter, token.serverTime].every(Number.isFinite) &&
    Array.isArray(token.permissions)
    ? token
    : undefined;
}

/** What a backend of the page's own can answer. */
export type CustomToken = Pick<VendedToken, 'authToken'> &
  Partial<VendedToken> &
  /** Seconds: at a time since 1970, or from now. */
  ({ readonly expiresAt: number } | { readonly expiresIn: number });

/** When a token without `refreshAfter` is replaced, as a share of its life. */
const REFRESH_AT = 0.7;

/** The same with what is missing; undefined when it is no token. Without the server's time, the browser's counts. */
export function completeToken(body: unknown): VendedToken | undefined {
  const token = (body ?? {}) as Omit<VendedToken, 'permissions' | 'endpoint'>;
  const serverTime = token.serverTime ?? (token.expiresAt - token.expiresIn || Date.now() / 1000);
  const expiresAt = token.expiresAt ?? serverTime + token.expiresIn;
  const expiresIn = expiresAt - serverTime;
  const refreshAfter = token.refreshAfter ?? serverTime + expiresIn * REFRESH_AT;
  return parseToken({ permissions: [], endpoint: '', ...token, serverTime, expiresAt, expiresIn, refreshAfter });
}

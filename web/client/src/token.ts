/** The machine's answer. Times are in seconds of the server's clock, whatever the browser's says. */
export interface VendedToken {
  /** What Momento's SDKs take as a disposable token. */
  readonly authToken: string;
  readonly expiresAt: number;
  readonly expiresIn: number;
  readonly refreshAfter: number;
  readonly serverTime: number;
  readonly endpoint: string;
  /** The id that subscribers see beside each message published with this token. */
  readonly tokenId?: string;
  /** What it allows, in the compact form, such as `SubscribeOnly cache=chat topic=news`. */
  readonly permissions: readonly string[];
  /** Where a browser reaches the service, when the token cannot tell: a service on this machine. */
  readonly webEndpoint?: string;
}

/** Time since a moment, by two clocks: one stands still while the machine sleeps, the other can be set. */
export class Stopwatch {
  readonly #wall: number;
  readonly #monotonic: number;

  /** `ago` is how long ago the moment was, in milliseconds. */
  constructor(ago = 0) {
    this.#wall = Date.now() - ago;
    this.#monotonic = performance.now() - ago;
  }

  /** Milliseconds. A clock set back cannot make it shorter, nor can sleep. */
  elapsed(): number {
    return Math.max(Date.now() - this.#wall, performance.now() - this.#monotonic);
  }
}

/** Seconds in which the next token is fetched and subscribed with, on a slow network too. */
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

  /** Milliseconds until it expires; less a margin, for `serverTime` is in whole seconds. */
  remaining(): number {
    const life = (this.token.expiresAt - this.token.serverTime) * 1000;
    return Math.max(0, life - Math.min(1000, life / 10) - this.age());
  }

  /** Milliseconds until a new one should be fetched. */
  refreshIn(): number {
    const life = this.token.expiresAt - this.token.serverTime;
    const told = this.token.refreshAfter - this.token.serverTime;
    // `refreshAfter` may be within the last second: too late for an answer and a new stream. Before its half the machine
    // might hand out the same token again.
    const wait = Math.max(Math.min(told, Math.max(life / 2 + 1, life - SPARE)), life / 3);
    return Math.max(0, wait * 1000 - this.age());
  }
}

/** The token in a JSON text, or undefined when it is not one. */
export function parseToken(body: unknown): VendedToken | undefined {
  const token = body as VendedToken | null;
  return typeof token?.authToken === 'string' &&
    [token.expiresAt, token.refreshAfter, token.serverTime].every(Number.isFinite) &&
    Array.isArray(token.permissions)
    ? token
    : undefined;
}

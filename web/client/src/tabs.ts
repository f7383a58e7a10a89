import { within } from './time.js';
import { HeldToken, parseToken } from './token.js';

/** How long the other tabs have to answer; they are on the same machine. */
const ANSWER_WITHIN = 200;
/** A tab that was frozen while it held the lock must not stop the others for ever. */
const LOCK_WITHIN = 15_000;

type Message =
  | { readonly kind: 'ask' }
  | {
      readonly kind: 'token';
      readonly token: unknown;
      /** Whether the service of the token is at the address that vended it. */
      readonly local: boolean;
      readonly age: number;
      readonly sent: number;
    };

/** Under what names tabs share a token. Scripts of the origin can list locks, so the channel has a name of its own. */
export interface TabNames {
  readonly lock: string;
  /** Cannot be computed from {@link lock}. */
  readonly channel: string;
}

/**
 * The tabs of this origin that show the same credential for the same request. Their names are digests of the address,
 * the parameters and the whole secret, so a tab with another identity receives nothing.
 */
export class Tabs {
  readonly #channel: BroadcastChannel;
  #leave: () => void = () => {};

  /**
   * Joins them. `origin` is that of the token vending machine, `held` returns this tab's own token, and `receive` receives
   * those of the others. An address in a message is never used: a service on this machine is at `origin`.
   */
  constructor(
    readonly names: TabNames,
    readonly origin: string,
    held: () => HeldToken | undefined,
    receive: (held: HeldToken) => void,
  ) {
    this.#channel = new BroadcastChannel(names.channel);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.kind === 'ask') {
        const mine = held();
        if (mine !== undefined && mine.refreshIn() > 0) {
          this.tell(mine);
        }
      } else {
        const token = parseToken(data.token);
        if (token !== undefined) {
          const { webEndpoint: _, ...rest } = token;
          const own = data.local === true ? { ...rest, webEndpoint: origin } : rest;
          // A tab that was frozen reads its messages late.
          receive(new HeldToken(own, data.age + Math.max(0, Date.now() - data.sent)));
        }
      }
    };
    // Held as long as the tab lives, so that the tabs can be counted.
    void navigator.locks
      .request(`${names.lock}/member`, { mode: 'shared' }, () => new Promise<void>(resolve => (this.#leave = resolve)))
      .catch(() => {});
  }

  /** Does the work while no other of these tabs does it. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    let begun = false;
    const run = () => {
      begun = true;
      return work();
    };
    try {
      return await within(LOCK_WITHIN, signal => navigator.locks.request(this.names.lock, { signal }, run));
    } catch (error) {
      if (begun) {
        throw error;
      }
      return run();
    }
  }

  /** Asks for a token and gives the others time to answer, if there are any. `answered` says that one was good enough. */
  async ask(answered: () => boolean): Promise<void> {
    const { held = [] } = await navigator.locks.query().catch(() => ({ held: [] }));
    if (held.filter(lock => lock.name === `${this.names.lock}/member`).length < 2) {
      return;
    }
    this.#channel.postMessage({ kind: 'ask' } satisfies Message);
    const end = performance.now() + ANSWER_WITHIN;
    while (!answered() && performance.now() < end) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  /** Sends a token to the others, unless its service is at an address that they could not know. */
  tell(held: HeldToken): void {
    const { webEndpoint, ...token } = held.token;
    if (webEndpoint !== undefined && webEndpoint !== this.origin) {
      return;
    }
    this.#channel.postMessage({
      kind: 'token',
      token,
      local: webEndpoint !== undefined,
      age: held.age(),
      sent: Date.now(),
    } satisfies Message);
  }

  close(): void {
    this.#channel.close();
    this.#leave();
  }
}

/**
 * The names for one identity; undefined where the browser lacks an API that sharing needs, as in a page that is not
 * secure. `stretch` rounds of PBKDF2 make it expensive to guess a password from the name of a lock.
 */
export async function tabNames(
  request: string,
  secret: string | undefined,
  stretch = 1,
): Promise<TabNames | undefined> {
  if (!globalThis.crypto?.subtle || !globalThis.navigator?.locks || !globalThis.BroadcastChannel) {
    return undefined;
  }
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey('raw', utf8(secret ?? ''), 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt: utf8(`${secret === undefined}\n${request}`), iterations: stretch },
    key,
    256,
  );
  const name = (bytes: ArrayBuffer) => `tokenvending/${btoa(String.fromCharCode(...new Uint8Array(bytes)))}`;
  return { lock: name(await crypto.subtle.digest('SHA-256', bits)), channel: name(bits) };
}

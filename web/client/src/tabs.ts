import { HeldToken, parseToken } from './token.js';

/** How long the other tabs have to answer; they are on the same machine. */
const ANSWER_WITHIN = 200;
/** A tab that was frozen while it held the lock must not stop the others for ever. */
const LOCK_WITHIN = 15_000;

type Message =
  | { readonly kind: 'ask' }
  | { readonly kind: 'token'; readonly token: unknown; readonly age: number; readonly sent: number };

/**
 * The tabs of this origin that show the same credential for the same request. They meet under a name that only they can
 * work out: a digest of the address, the parameters and the whole secret, so that a tab of somebody else hears nothing.
 */
export class Tabs {
  readonly #channel: BroadcastChannel;
  #leave: () => void = () => {};

  /** Joins them. `held` is this tab's own token, `heard` is told of those of the others. */
  constructor(
    readonly name: string,
    held: () => HeldToken | undefined,
    heard: (held: HeldToken) => void,
  ) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.kind === 'ask') {
        const mine = held();
        if (mine !== undefined && mine.refreshIn() > 0) {
          this.tell(mine);
        }
      } else {
        const token = parseToken(data.token);
        if (token !== undefined) {
          // A tab that was frozen reads its messages late.
          heard(new HeldToken(token, data.age + Math.max(0, Date.now() - data.sent)));
        }
      }
    };
    // Held as long as the tab lives, so that the tabs can be counted.
    void navigator.locks
      .request(`${name}/member`, { mode: 'shared' }, () => new Promise<void>(resolve => (this.#leave = resolve)))
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
      return await navigator.locks.request(this.name, { signal: AbortSignal.timeout(LOCK_WITHIN) }, run);
    } catch (error) {
      if (begun) {
        throw error;
      }
      return run();
    }
  }

  /** Asks for a token and gives the others time to answer, if there are any. `answered` says that one was good enough. */
  async ask(answered: () => boolean): Promise<void> {
    const { held = [] } = await navigator.locks.query();
    if (held.filter(lock => lock.name === `${this.name}/member`).length < 2) {
      return;
    }
    this.#channel.postMessage({ kind: 'ask' } satisfies Message);
    const end = performance.now() + ANSWER_WITHIN;
    while (!answered() && performance.now() < end) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  tell(held: HeldToken): void {
    this.#channel.postMessage({
      kind: 'token',
      token: held.token,
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
 * The name for one identity; undefined where the browser has not what it takes, as in a page that is not secure. `stretch` rounds make it dear to guess a password from the name of a lock, which every
 * script of the origin can read.
 */
export async function identityName(
  request: string,
  secret: string | undefined,
  stretch = 1,
): Promise<string | undefined> {
  if (
    globalThis.crypto?.subtle === undefined ||
    globalThis.navigator?.locks === undefined ||
    globalThis.BroadcastChannel === undefined
  ) {
    return undefined;
  }
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey('raw', utf8(secret ?? ''), 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt: utf8(`${secret === undefined}\n${request}`), iterations: stretch },
    key,
    256,
  );
  return `tokenvending/${btoa(String.fromCharCode(...new Uint8Array(bits)))}`;
}

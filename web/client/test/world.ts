// The world as a source sees it: a machine that answers, clocks that a test sets, tabs, sleep.
import { vi } from 'vitest';

declare function setImmediate(callback: (value?: unknown) => void): void;

const { subtle } = globalThis.crypto;
let digesting = 0;

/** Lets everything happen that needs no time to pass. Digests are worked out in another thread, which takes a while. */
export async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 20; quiet = digesting > 0 ? 0 : quiet + 1) {
    await new Promise(resolve => setImmediate(resolve));
  }
}

async function counted<T>(digest: Promise<T>): Promise<T> {
  digesting++;
  try {
    return await digest;
  } finally {
    digesting--;
  }
}

/** Lets time pass, and what is due happen. */
export async function pass(milliseconds: number): Promise<void> {
  await settle();
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settle();
}

/** The machine sleeps: the wall clock goes on, timers and performance.now() do not. */
export async function sleep(milliseconds: number): Promise<void> {
  await settle();
  vi.setSystemTime(Date.now() + milliseconds);
}

export type Answer =
  | { status?: number; body?: unknown; headers?: Record<string, string> }
  | 'no network'
  /** An answer that the browser hides from the page, for want of CORS headers. */
  | 'hidden';

/** Answers to fetch, in order; the last one for ever. `asked` is what came. */
export class FakeMachine {
  readonly asked: { url: URL; init: RequestInit }[] = [];
  /** Requests whose answer the page cannot read. */
  readonly probes: RequestInit[] = [];
  #answers: Answer[] = [];
  #last: Answer = {};
  #serial = 0;
  /** The server's clock, in seconds before the browser's. */
  behind = 0;
  life = 600;
  refreshAt = 0.7;
  delay = 0;

  constructor() {
    vi.stubGlobal('fetch', async (url: URL | string, init: RequestInit = {}) => {
      if (init.mode === 'no-cors') {
        if (this.#last === 'no network') {
          throw new TypeError('Failed to fetch');
        }
        this.probes.push(init);
        return Response.error();
      }
      this.asked.push({ url: new URL(url), init });
      const answer = this.#last = this.#answers.length > 0 ? this.#answers.shift()! : {};
      if (this.delay > 0) {
        await new Promise(resolve => setTimeout(resolve, this.delay));
      }
      if (answer === 'no network' || answer === 'hidden') {
        throw new TypeError('Failed to fetch');
      }
      const { status = 200, body = this.token(), headers } = answer;
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, ...(headers && { headers }) });
    });
  }

  get requests(): number {
    return this.asked.length;
  }

  answerNext(...answers: Answer[]): void {
    this.#answers.push(...answers);
  }

  /** From here on it answers as it should. */
  recover(): void {
    this.#answers = [];
  }

  token(): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1000) - this.behind;
    return {
      authToken: `token-${++this.#serial}`,
      serverTime: now,
      expiresAt: now + this.life,
      expiresIn: this.life,
      refreshAfter: now + Math.floor(this.life * this.refreshAt),
      endpoint: 'cell-1',
      permissions: ['PublishSubscribe cache=chat topic=all'],
    };
  }
}

/** A problem document as the machine writes it. */
export function problem(status: number, type: string, detail: string): Answer {
  return {
    status,
    body: { type: `https://example.com/problems/${type}`, title: 'No', detail, status },
    headers: { 'content-type': 'application/problem+json', 'x-request-id': 'request-1' },
  };
}

/** Web Locks and BroadcastChannel between the sources of one test, which play the tabs of one browser. */
export class FakeBrowser {
  readonly window = new EventTarget();
  readonly messages: unknown[] = [];
  readonly names = new Set<string>();
  readonly lockNames = new Set<string>();
  readonly #held: { name: string; mode: string }[] = [];
  readonly #queue = new Map<string, Promise<unknown>>();
  readonly #channels = new Set<{ name: string; onmessage: ((event: { data: unknown }) => void) | null }>();

  constructor() {
    const browser = this;
    vi.stubGlobal('crypto', {
      subtle: {
        importKey: (...values: Parameters<SubtleCrypto['importKey']>) => counted(subtle.importKey(...values)),
        deriveBits: (...values: Parameters<SubtleCrypto['deriveBits']>) => counted(subtle.deriveBits(...values)),
        digest: (...values: Parameters<SubtleCrypto['digest']>) => counted(subtle.digest(...values)),
      },
    });
    vi.stubGlobal('window', this.window);
    vi.stubGlobal('location', { href: 'https://chat.example.com/', origin: 'https://chat.example.com' });
    vi.stubGlobal('navigator', {
      locks: {
        request: (name: string, options: { mode?: string }, work: () => Promise<unknown>) =>
          this.#request(name, options.mode ?? 'exclusive', work),
        query: async () => ({ held: [...this.#held], pending: [] }),
      },
    });
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        onmessage: ((event: { data: unknown }) => void) | null = null;
        constructor(readonly name: string) {
          browser.names.add(name);
          browser.#channels.add(this);
        }
        postMessage(data: unknown): void {
          browser.messages.push(data);
          for (const other of browser.#channels) {
            if (other !== this && other.name === this.name) {
              setImmediate(() => other.onmessage?.({ data: structuredClone(data) }));
            }
          }
        }
        close(): void {
          browser.#channels.delete(this);
        }
      },
    );
  }

  async #request(name: string, mode: string, work: () => Promise<unknown>): Promise<unknown> {
    this.lockNames.add(name);
    const run = async () => {
      const lock = { name, mode };
      this.#held.push(lock);
      try {
        return await work();
      } finally {
        this.#held.splice(this.#held.indexOf(lock), 1);
      }
    };
    if (mode === 'shared') {
      return run();
    }
    const turn = (this.#queue.get(name) ?? Promise.resolve()).catch(() => {}).then(run);
    this.#queue.set(name, turn);
    return turn;
  }

  /** What a script of the same origin sends on a channel whose name it knows. */
  send(name: string, data: unknown): void {
    for (const channel of this.#channels) {
      if (channel.name === name) {
        channel.onmessage?.({ data: structuredClone(data) });
      }
    }
  }

  wake(): void {
    // It bubbles from the document.
    this.window.dispatchEvent(new Event('visibilitychange'));
  }

  online(): void {
    this.window.dispatchEvent(new Event('online'));
  }
}

import { codeOf, isError } from './connection.js';
import type { SdkDiscontinuity, SdkError, SdkItem, SdkSubscribeOptions, SdkSubscription } from './connection.js';
import { ClosedError, SetupError, TokenVendingError, TopicError } from './errors.js';
import { report } from './report.js';
import type { TokenSource } from './source.js';
import type { VendedToken } from './token.js';
import { Stopwatch } from './token.js';

/** A message. */
export interface Item {
  /** An empty message is an empty text, also if it was published as bytes. */
  readonly value: string | Uint8Array;
  /** Increases by one for each message of a topic, until the topic is reset. */
  readonly sequence: number;
  /**
   * The id of the token that published the message; the machine sets it, not the sender. Undefined if that token has
   * none, and for an empty text, for which Momento's SDK does not report it.
   */
  readonly tokenId: string | undefined;
}

/** A place where messages can be missing: there was no subscription for a while, or the topic was reset. */
export interface Gap {
  /** The sequence number of the last message before it, if there was one. */
  readonly after: number | undefined;
}

/**
 * `connecting`: no messages arrive yet, or the stream has been silent for too long; `closed`: no more messages
 * arrive.
 */
export type SubscriptionStatus = 'connecting' | 'live' | 'closed';

export interface SubscriptionCallbacks {
  /** Receives each message once, in the order of the topic. */
  readonly onItem: (item: Item) => void;
  readonly onGap?: (gap: Gap) => void;
  readonly onStatus?: (status: SubscriptionStatus) => void;
  /**
   * `lost`: no connection for `lostConnectionDelay`, so that a short cut need not be shown; `restored`: connected again.
   */
  readonly onLostConnection?: (event: 'lost' | 'restored') => void;
  /** Receives the error that ended the subscription. Called at most once. */
  readonly onError?: (error: TokenVendingError) => void;
}

export interface Subscription {
  /** Resolves when messages can arrive; rejects if the subscription ends before. */
  readonly ready: Promise<void>;
  readonly status: SubscriptionStatus;
  /** When it connects again, by `Date.now()`, where it waits to. */
  readonly retryAt: number | undefined;
  /** Connects now, where it waits to. */
  retry(): void;
  close(): void;
}

/** Connects with a token; the result opens a stream. */
type Connect = (
  token: VendedToken,
) => Promise<(options: SdkSubscribeOptions) => Promise<SdkSubscription | SdkError>>;

interface Settings {
  readonly log: (line: string) => void;
  readonly lostConnectionDelay: number;
  readonly onClose: () => void;
}

/** Codes after which the same call would be rejected again. */
const FINAL = new Set([
  'PERMISSION_ERROR',
  'NOT_FOUND_ERROR',
  'STORE_NOT_FOUND_ERROR',
  'INVALID_ARGUMENT_ERROR',
  'BAD_REQUEST_ERROR',
]);
const CHECK_EVERY = 1000;
/** How long a stream can be silent, without a heartbeat, before a second one is opened beside it. */
const SILENT = 30_000;
/** How long the old stream can take to reach the position of the new one, in a topic without messages. */
const HANDOVER = 15_000;
/** The pause between attempts to subscribe: doubled from the first to the last. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** A stream that lived this long can be replaced at once. */
const LIVED = 2000;

/** One stream of the SDK, with one token. */
interface Stream {
  readonly token: VendedToken;
  /** The last message that had been delivered when it was opened; all of its own come after that, on the same page. */
  openedAfter: number;
  /** Since when it is established, if it is. */
  since?: Stopwatch;
  heard: Stopwatch;
  /** How often it said that it is alive. */
  beats: number;
  /** How often the stream before it had said so when this one was established. */
  beatsBefore: number;
  /** Whether the stream before it had fallen silent, and has been since: it may have been dead for long. */
  afterSilence: boolean;
  /** Messages that wait until the old stream has come as far. */
  readonly waiting: SdkItem[];
  /** The last message that it received. */
  received?: number;
  delivered: boolean;
  over: boolean;
  handle?: SdkSubscription;
}

/**
 * Keeps one subscription alive over streams that end with their tokens. A new stream is opened beside the old one;
 * its messages wait until the old one has delivered all earlier ones, then it takes over. A message is identified by
 * its sequence page, which changes when the topic is reset, and its sequence number.
 */
export class TopicSubscription implements Subscription {
  readonly ready: Promise<void>;
  readonly #source: TokenSource;
  readonly #connect: Connect;
  readonly #callbacks: SubscriptionCallbacks;
  readonly #settings: Settings;
  #whenReady!: () => void;
  #whenNot!: (error: unknown) => void;
  #current: Stream | undefined;
  #next: Stream | undefined;
  #last: number | undefined;
  #page: number | undefined;
  /** Whether there ever was a stream, so that a time without one is a gap. */
  #wasLive = false;
  /** Whether the current gap was reported. */
  #told = false;
  #skipped = false;
  #status: SubscriptionStatus = 'connecting';
  #failures = 0;
  #opening = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retryAt: number | undefined;
  #losing: ReturnType<typeof setTimeout> | undefined;
  #lost = false;
  readonly #checks: ReturnType<typeof setInterval>;

  constructor(source: TokenSource, connect: Connect, callbacks: SubscriptionCallbacks, settings: Settings) {
    this.#source = source;
    this.#connect = connect;
    this.#callbacks = callbacks;
    this.#settings = settings;
    this.ready = new Promise((resolve, reject) => {
      this.#whenReady = resolve;
      this.#whenNot = reject;
    });
    this.ready.catch(() => {});
    this.#checks = setInterval(() => this.#check(), CHECK_EVERY);
    void this.#open();
  }

  get status(): SubscriptionStatus {
    return this.#status;
  }

  get retryAt(): number | undefined {
    return this.#retryAt;
  }

  retry(): void {
    if (this.#retryAt !== undefined) {
      clearTimeout(this.#retry);
      void this.#open();
    }
  }

  /** There is a new token: opens a stream with it beside the present one. */
  renew(token: VendedToken): void {
    if (this.#status !== 'closed' && this.#current !== undefined && this.#current.token !== token) {
      this.#start(token);
    }
  }

  close(): void {
    this.#end(new ClosedError('The subscription was closed.'));
  }

  #end(reason: TokenVendingError): void {
    if (this.#status === 'closed') {
      return;
    }
    clearInterval(this.#checks);
    clearTimeout(this.#retry);
    clearTimeout(this.#losing);
    this.#drop(this.#current);
    this.#drop(this.#next);
    this.#current = this.#next = undefined;
    this.#retryAt = undefined;
    this.#become('closed');
    this.#settings.onClose();
    this.#whenNot(reason);
  }

  #fail(error: TokenVendingError): void {
    this.#settings.log(`over, ${error.code}: ${error.message}`);
    this.#end(error);
    this.#call(this.#callbacks.onError, error);
  }

  #become(status: SubscriptionStatus): void {
    if (status !== this.#status && this.#status !== 'closed') {
      this.#status = status;
      this.#settings.log(status);
      this.#call(this.#callbacks.onStatus, status);
      this.#watchConnection();
    }
  }

  /** Reports a connection that stays lost, and its recovery. */
  #watchConnection(): void {
    clearTimeout(this.#losing);
    if (this.#status === 'connecting' && !this.#lost) {
      this.#losing = setTimeout(() => {
        this.#lost = true;
        this.#call(this.#callbacks.onLostConnection, 'lost');
      }, this.#settings.lostConnectionDelay);
    } else if (this.#status === 'live' && this.#lost) {
      this.#lost = false;
      this.#call(this.#callbacks.onLostConnection, 'restored');
    }
  }

  /** A callback that throws must not keep the SDK from its next message. */
  #call<T>(callback: ((value: T) => void) | undefined, value: T): void {
    try {
      callback?.call(this.#callbacks, value);
    } catch (error) {
      report(error);
    }
  }

  #drop(stream: Stream | undefined): void {
    if (stream !== undefined) {
      stream.over = true;
      stream.handle?.unsubscribe();
    }
  }

  /** Opens a stream with the token of the source, when there is one. */
  async #open(): Promise<void> {
    if (this.#opening) {
      return;
    }
    this.#opening = true;
    this.#retryAt = undefined;
    try {
      const token = await this.#source.token();
      if (this.#status !== 'closed') {
        this.#start(token);
      }
    } catch (error) {
      this.#fail(error as TokenVendingError);
    } finally {
      this.#opening = false;
    }
  }

  #start(token: VendedToken): void {
    clearTimeout(this.#retry);
    this.#retryAt = undefined;
    this.#drop(this.#next);
    const stream: Stream = {
      token,
      openedAfter: this.#last ?? 0,
      heard: new Stopwatch(),
      beats: 0,
      beatsBefore: 0,
      afterSilence: this.#current !== undefined && isSilent(this.#current),
      waiting: [],
      delivered: false,
      over: false,
    };
    this.#next = stream;
    const ifOpen =
      <T extends unknown[]>(handler: (...values: T) => void) =>
      (...values: T) => {
        if (!stream.over) {
          stream.heard = new Stopwatch();
          if (stream === this.#current && this.#next !== undefined) {
            this.#next.afterSilence = false;
          }
          handler(...values);
        }
      };
    const options: SdkSubscribeOptions = {
      onItem: ifOpen(item => this.#onItem(stream, item)),
      onHeartbeat: ifOpen(() => this.#onHeartbeat(stream)),
      onDiscontinuity: ifOpen(discontinuity => this.#onDiscontinuity(stream, discontinuity)),
      onError: ifOpen((error, handle) => this.#onError(stream, error, handle)),
    };
    this.#connect(token)
      .then(subscribe => (stream.over ? undefined : subscribe(options)))
      .then(
        response => {
          if (response !== undefined && !isError(response)) {
            stream.handle = response;
            if (stream.over) {
              response.unsubscribe();
            } else {
              this.#established(stream);
            }
          } else if (!stream.over) {
            this.#died(stream, response);
          }
        },
        (error: unknown) => {
          if (!stream.over && error instanceof SetupError) {
            this.#fail(error);
          } else if (!stream.over) {
            this.#died(stream);
          }
        },
      );
  }

  /** The service has answered, so the stream is in place. */
  #established(stream: Stream): void {
    stream.since = new Stopwatch();
    stream.beatsBefore = this.#current?.beats ?? 0;
    if (this.#current === undefined) {
      this.#takeOver(this.#wasLive);
    } else {
      this.#considerHandover();
    }
    this.#wasLive = true;
    this.#whenReady();
  }

  /** The new stream becomes the present one. */
  #takeOver(noneBefore = false): void {
    const stream = this.#next!;
    if (this.#current !== undefined) {
      this.#failures = 0;
    }
    this.#drop(this.#current);
    this.#current = stream;
    this.#next = undefined;
    if (noneBefore || stream.afterSilence) {
      this.#tell();
    }
    this.#become('live');
    for (const item of stream.waiting.splice(0)) {
      if (!stream.over) {
        this.#deliver(stream, item);
      }
    }
  }

  #tell(): void {
    if (!this.#told) {
      this.#told = true;
      this.#settings.log(`gap after ${this.#last ?? 'nothing'}`);
      this.#call(this.#callbacks.onGap, { after: this.#last });
    }
  }

  #onItem(stream: Stream, item: SdkItem): void {
    stream.received = item.sequenceNumber();
    if (stream === this.#current) {
      this.#become('live');
      this.#deliver(stream, item);
    } else {
      stream.waiting.push(item);
    }
    this.#considerHandover();
  }

  #deliver(stream: Stream, item: SdkItem): void {
    const sequence = item.sequenceNumber();
    const isOfAnotherPage = this.#isOfAnotherPage(stream, sequence);
    stream.delivered = true;
    if (isOfAnotherPage) {
      this.#tell();
      this.#last = undefined;
      if (this.#next !== undefined) {
        // What it was compared with belongs to the page before.
        this.#next.openedAfter = 0;
      }
    }
    this.#page = pageOf(stream);
    if (this.#last !== undefined) {
      if (sequence <= this.#last) {
        return;
      }
      if (sequence > this.#last + 1) {
        this.#tell();
      }
    }
    this.#last = sequence;
    this.#told = false;
    const value = item.value();
    // Momento's SDK for Node.js reads an empty text as no bytes.
    const text = value.length === 0 ? '' : value;
    this.#call(this.#callbacks.onItem, { value: text, sequence, tokenId: item.tokenId() || undefined });
  }

  /**
   * Whether the topic was reset between what was delivered last and this. Where the SDK does not say, the number does: a
   * new stream has only messages that are newer than all that was delivered before it was opened.
   */
  #isOfAnotherPage(stream: Stream, sequence: number): boolean {
    const page = pageOf(stream);
    return page !== undefined && this.#page !== undefined
      ? page !== this.#page
      : !stream.delivered && sequence <= stream.openedAfter;
  }

  #onHeartbeat(stream: Stream): void {
    if (stream === this.#current) {
      this.#become('live');
    }
    stream.beats++;
    this.#considerHandover();
  }

  #onDiscontinuity(stream: Stream, discontinuity: SdkDiscontinuity): void {
    if (stream !== this.#current || (!stream.delivered && stream.since!.elapsed() < 1000)) {
      // A new stream reports where it starts; that is not a gap.
      return;
    }
    this.#tell();
    this.#last = stream.received = discontinuity.newSequenceNumber();
    this.#page = discontinuity.newSequencePage();
    stream.delivered = true;
    if (this.#next !== undefined) {
      this.#next.openedAfter = 0;
    }
  }

  /** Ends the old stream once it cannot have anything left that the new one has not. */
  #considerHandover(): void {
    const next = this.#next;
    const current = this.#current;
    if (next?.since === undefined || current === undefined) {
      return;
    }
    const first = next.waiting[0]?.sequenceNumber();
    const caughtUp =
      first === undefined
        ? // Streams are in order: of two beats, the second was sent when the new stream was in place.
          current.beats >= next.beatsBefore + 2
        : this.#isOfAnotherPage(next, first) || (this.#last !== undefined && this.#last >= first - 1);
    if (caughtUp || next.since.elapsed() > HANDOVER) {
      this.#takeOver();
    }
  }

  /**
   * The SDK reports a message that it cannot read as an error, and its stream goes on. Of the messages that exist, only an
   * empty text is one that it cannot read: it counts the message and reads neither text nor bytes.
   */
  #onError(stream: Stream, error: SdkError, handle: SdkSubscription): void {
    if (!handle.isSubscribed) {
      this.#died(stream, error);
      return;
    }
    const sequence = stateOf(handle)?.lastTopicSequenceNumber;
    if (sequence !== undefined && sequence !== stream.received) {
      this.#onItem(stream, { value: () => '', sequenceNumber: () => sequence, tokenId: () => undefined });
    } else if (!this.#skipped) {
      this.#skipped = true;
      report(new Error(`A message of a kind unknown to Momento's SDK was skipped: ${error.message()}`));
    }
  }

  #died(stream: Stream, error?: SdkError): void {
    const code = error && codeOf(error);
    this.#settings.log(`stream ended, ${code ?? 'without a reason'}`);
    if (error !== undefined && FINAL.has(code!)) {
      this.#fail(new TopicError(code!, error.message(), 'no'));
      return;
    }
    if ((stream.since?.elapsed() ?? 0) > LIVED) {
      this.#failures = 0;
    }
    this.#drop(stream);
    if (stream === this.#next) {
      this.#next = undefined;
    } else {
      this.#current = undefined;
      if (this.#next?.since !== undefined) {
        // It was open before the old one ended, and sequence numbers show whether a message was lost.
        this.#takeOver();
        return;
      }
      this.#become('connecting');
    }
    if (code === 'AUTHENTICATION_ERROR') {
      this.#source.reject(stream.token);
    }
    if (this.#next === undefined) {
      this.#later();
    }
  }

  #later(): void {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    clearTimeout(this.#retry);
    const pause = this.#failures === 1 ? 0 : wait * (0.5 + Math.random() / 2);
    this.#retryAt = Date.now() + pause;
    this.#retry = setTimeout(() => void this.#open(), pause);
  }

  #check(): void {
    for (const stream of [this.#next, this.#current]) {
      // The SDK gives up without a word when a stream that never had a message breaks twice.
      if (stream?.handle !== undefined && !stream.over && !stream.handle.isSubscribed) {
        this.#died(stream);
      }
    }
    if (this.#current !== undefined && isSilent(this.#current)) {
      this.#become('connecting');
      if (this.#next === undefined || this.#next.heard.elapsed() > SILENT) {
        void this.#open();
      }
    }
    this.#considerHandover();
  }
}

/** What the SDK keeps for itself about a stream; one day it may keep it elsewhere. */
function stateOf(handle: SdkSubscription | undefined) {
  type State = { readonly lastTopicSequenceNumber?: number; readonly lastTopicSequencePage?: number };
  return (handle as unknown as { readonly subscriptionState?: State } | undefined)?.subscriptionState;
}

/** The page of the last message of a stream. */
function pageOf({ handle }: Stream): number | undefined {
  return stateOf(handle)?.lastTopicSequencePage || undefined;
}

/** Whether nothing came for long on a stream that used to say that it is alive. */
function isSilent(stream: Stream): boolean {
  return stream.beats > 1 && stream.heard.elapsed() > SILENT;
}

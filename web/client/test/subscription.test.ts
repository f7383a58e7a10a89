import { TopicPublish } from '@gomomento/sdk-web';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { none, SetupError, TokenSource, TokenVendingError, TopicError, UnavailableError } from '../src/index.js';
import type { VendedToken } from '../src/index.js';
import { TopicsClient } from '../src/topics.js';
import type { Gap, Item, SdkError, SdkItem, SdkSubscribeOptions, SdkSubscription, Subscription } from '../src/topics.js';
import { FakeMachine, pass, problem, settle } from './world.js';

/** One stream of the SDK, as far as the service sees it. Messages take `lag` to arrive. */
class FakeStream {
  isSubscribed = true;
  ended = false;
  subscriptionState: { lastTopicSequenceNumber?: number; lastTopicSequencePage?: number } | undefined = {};
  #last = 0;

  constructor(
    readonly token: string,
    readonly options: SdkSubscribeOptions,
    readonly lag: number,
  ) {}

  send(event: () => void): void {
    // A stream keeps its order, whatever the lag.
    this.#last = Math.max(this.#last, Date.now() + this.lag);
    setTimeout(() => {
      if (this.isSubscribed) {
        event();
      }
    }, this.#last - Date.now());
  }

  item(sequence: number, value: string, page?: number): void {
    const item = { value: () => value, sequenceNumber: () => sequence, tokenId: () => 'ann' };
    this.send(() => {
      if (page !== undefined) {
        this.subscriptionState = { lastTopicSequenceNumber: sequence, lastTopicSequencePage: page };
      }
      // As the SDK does it: an empty text is neither text nor bytes to it, and the stream goes on.
      if (value === '') {
        this.options.onError(failure('UNKNOWN_ERROR'), this);
      } else {
        this.options.onItem(item as SdkItem);
      }
    });
  }

  /** Something that is no message, no heartbeat and no discontinuity. */
  unknown(): void {
    this.send(() => this.options.onError(failure('UNKNOWN_ERROR'), this));
  }

  beat(): void {
    this.send(() => this.options.onHeartbeat({}));
  }

  discontinuity(last: number, next: number, page: number): void {
    const told = {
      lastSequenceNumber: () => last,
      newSequenceNumber: () => next,
      newSequencePage: () => page,
    };
    this.send(() => this.options.onDiscontinuity(told));
  }

  end(code: string): void {
    this.ended = true;
    this.send(() => {
      this.isSubscribed = false;
      this.options.onError(failure(code), this);
    });
  }

  unsubscribe(): void {
    this.isSubscribed = false;
    this.ended = true;
  }
}

function failure(code: string): SdkError {
  return { errorCode: () => code, message: () => `said ${code}` };
}

/** A service with one topic. */
class FakeService {
  streams: FakeStream[] = [];
  opened = 0;
  sequence = 0;
  /** Undefined plays an SDK that does not tell. */
  page: number | undefined = 1;
  published: string[] = [];
  /** What subscribe says in place of a stream. */
  refuse: string | undefined;
  lag = () => 5;
  establish = () => 20;
  beating = setInterval(() => this.live().forEach(stream => stream.beat()), 5000);

  live(): FakeStream[] {
    this.streams = this.streams.filter(stream => !stream.ended);
    return this.streams;
  }

  connect(token: VendedToken) {
    return {
      publish: async () => ({}),
      subscribe: async (_cache: string, _topic: string, options: SdkSubscribeOptions) => {
        this.opened++;
        await new Promise(resolve => setTimeout(resolve, this.establish()));
        if (this.refuse !== undefined) {
          return failure(this.refuse);
        }
        const stream = new FakeStream(token.authToken, options, this.lag());
        this.streams.push(stream);
        // What is published between here and the client's notice waits in the stream, behind the first beat.
        return new Promise<SdkSubscription>(resolve => {
          stream.send(() => {
            // As the SDK does it: the promise first, so that its handlers run last.
            resolve(stream);
            options.onHeartbeat({});
          });
        });
      },
    };
  }

  publish(value = `message ${this.published.length + 1}`): void {
    this.published.push(value);
    this.sequence++;
    this.live().forEach(stream => stream.item(this.sequence, value, this.page));
  }

  endAll(code: string): void {
    this.live().forEach(stream => stream.end(code));
  }

  /** All streams break off and the topic counts anew. */
  restart(): void {
    this.endAll('SERVER_UNAVAILABLE');
    this.sequence = 0;
    if (this.page !== undefined) {
      this.page++;
    }
  }
}

let machine: FakeMachine;
let service: FakeService;
let source: TokenSource;
let topics: TopicsClient;
let heard: { items: Item[]; gaps: Gap[]; log: string[]; errors: TokenVendingError[] };

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: 1_700_000_000_000,
  });
  machine = new FakeMachine();
  service = new FakeService();
  source = new TokenSource({ url: 'https://tvm.example.com/', credentials: none(), share: false });
  topics = new TopicsClient(source, { connect: token => service.connect(token) });
  heard = { items: [], gaps: [], log: [], errors: [] };
});
afterEach(() => {
  topics.close();
  source.close();
  clearInterval(service.beating);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function subscribe(): Subscription {
  return topics.subscribe('chat', 'room', {
    onItem: item => {
      heard.items.push(item);
      heard.log.push(String(item.value));
    },
    onGap: gap => {
      heard.gaps.push(gap);
      heard.log.push('gap');
    },
    onError: error => heard.errors.push(error),
  });
}

async function subscribed(): Promise<Subscription> {
  const subscription = subscribe();
  await pass(100);
  expect(subscription.status).toBe('live');
  return subscription;
}

async function chat(milliseconds: number, every = 20): Promise<void> {
  for (let i = 0; i < milliseconds; i += every) {
    service.publish();
    await vi.advanceTimersByTimeAsync(every);
  }
}

const values = () => heard.items.map(item => item.value);

test('messages come with their number and the id of the token that sent them', async () => {
  await subscribed();
  service.publish();
  await pass(10);
  expect(heard.items).toEqual([{ value: 'message 1', sequence: 1, tokenId: 'ann' }]);
});

test('an empty text is a message, and the stream goes on', async () => {
  await subscribed();
  for (let i = 0; i < 40; i++) {
    service.publish('');
    await chat(500);
  }
  await pass(100);
  expect(values()).toEqual(service.published);
  expect(heard.gaps).toEqual([]);
  expect(service.opened).toBe(1);
});

test('an empty text that the SDK for Node.js reads as bytes is a text', async () => {
  await subscribed();
  const item = { value: () => new Uint8Array(), sequenceNumber: () => 1, tokenId: () => 'ann' };
  service.live()[0]!.options.onItem(item);
  expect(heard.items).toEqual([{ value: '', sequence: 1, tokenId: 'ann' }]);
});

test('an empty text keeps its place among the messages of a handover', async () => {
  machine.life = 10;
  await subscribed();
  for (let i = 0; i < 60; i++) {
    service.publish('');
    await chat(400);
  }
  await pass(1000);
  expect(machine.requests).toBeGreaterThan(2);
  expect(values()).toEqual(service.published);
  expect(heard.gaps).toEqual([]);
});

describe('callbacks', () => {
  let reported: ReturnType<typeof vi.fn>;
  beforeEach(() => vi.stubGlobal('reportError', (reported = vi.fn())));

  test('what the SDK cannot read is skipped, with one report', async () => {
    await subscribed();
    service.publish();
    await pass(50);
    for (let i = 0; i < 3; i++) service.live()[0]!.unknown();
    service.publish();
    await pass(50);
    expect(values()).toEqual(['message 1', 'message 2']);
    expect(heard.errors).toEqual([]);
    expect(reported).toHaveBeenCalledTimes(1);
    expect(service.opened).toBe(1);
  });

  test('one that throws is reported, and loses no other message', async () => {
    const fault = new Error('a fault of the page');
    const fail = () => {
      throw fault;
    };
    const received: unknown[] = [];
    const onItem = (item: Item) => {
      received.push(item.value);
      fail();
    };
    topics.subscribe('chat', 'room', { onItem, onGap: fail, onStatus: fail, onError: fail });
    await pass(100);
    await chat(1000);
    service.endAll('SERVER_UNAVAILABLE');
    await pass(500);
    await chat(1000);
    service.endAll('PERMISSION_ERROR');
    await pass(500);
    expect(received).toEqual(service.published);
    // The messages; live, connecting, live, closed; one gap; the end.
    expect(reported).toHaveBeenCalledTimes(received.length + 6);
    expect(reported).toHaveBeenCalledWith(fault);
  });

  test('one that closes the subscription ends the delivery', async () => {
    const statuses: string[] = [];
    const subscription = topics.subscribe('chat', 'room', {
      onItem: item => {
        heard.items.push(item);
        if (item.value === 'message 2') subscription.close();
      },
      onStatus: status => statuses.push(status),
    });
    await pass(100);
    service.publish();
    service.lag = () => 5000;
    await pass(420_500);
    service.publish();
    service.publish();
    await pass(30_000);
    expect(values()).toEqual(['message 1', 'message 2']);
    expect(statuses).toEqual(['live', 'closed']);
    expect(subscription.status).toBe('closed');
  });
});

describe('at a refresh', () => {
  test('nothing is lost and nothing doubled, at 50 messages a second and ten-second tokens', async () => {
    machine.life = 10;
    await subscribed();
    await chat(60_000);
    await pass(1000);
    expect(machine.requests).toBeGreaterThan(5);
    expect(values()).toEqual(service.published);
    expect(heard.gaps).toEqual([]);
  });

  test('the old stream is kept until the new one is in place, and then closed', async () => {
    await subscribed();
    const [old] = service.live();
    service.establish = () => 3000;
    await pass(421_500);
    expect(service.live()).toEqual([old]);
    service.publish();
    await pass(2000);
    service.publish();
    await pass(100);
    expect(service.live()).toHaveLength(1);
    expect(service.live()[0]!.token).toBe('token-2');
    expect(values()).toEqual(service.published);
  });

  test('a slow old stream is waited for: order is kept', async () => {
    service.lag = () => 800;
    const subscription = subscribe();
    await pass(1000);
    expect(subscription.status).toBe('live');
    service.lag = () => 5;
    await pass(419_500);
    await chat(6000);
    await pass(2000);
    expect(values()).toEqual(service.published);
    expect(heard.gaps).toEqual([]);
  });

  test('in a quiet room the old stream is closed as well, and the first word is not lost', async () => {
    await subscribed();
    await pass(440_000);
    expect(service.live().map(stream => stream.token)).toEqual(['token-2']);
    service.publish();
    await pass(100);
    expect(values()).toEqual(['message 1']);
    expect(heard.gaps).toEqual([]);
  });

  test('a new token that may not subscribe ends it, with the reason, once', async () => {
    const subscription = await subscribed();
    service.refuse = 'PERMISSION_ERROR';
    await pass(500_000);
    expect(subscription.status).toBe('closed');
    expect(heard.errors).toHaveLength(1);
    expect(heard.errors[0]).toMatchObject({ name: 'TopicError', code: 'PERMISSION_ERROR' });
    expect(service.opened).toBe(2);
  });
});

describe('where no subscription could live', () => {
  test('a token that ran out makes one gap, and it goes on in order', async () => {
    await subscribed();
    await chat(1000);
    source.reject(source.state.token!);
    machine.answerNext('no network', 'no network');
    service.endAll('AUTHENTICATION_ERROR');
    await chat(5000);
    await chat(10_000);
    await pass(500);
    expect(heard.gaps).toEqual([{ after: 50 }]);
    const at = heard.log.indexOf('gap');
    expect(heard.log.slice(0, at)).toEqual(service.published.slice(0, at));
    const rest = heard.log.slice(at + 1);
    expect(rest.length).toBeGreaterThan(200);
    expect(rest).toEqual(service.published.slice(-rest.length));
  });

  test.each([1, undefined])('a service that started anew makes one gap, though its numbers begin again', async page => {
    service.page = page;
    await subscribed();
    await chat(2000);
    service.restart();
    await chat(3000);
    await pass(100);
    expect(heard.gaps).toHaveLength(1);
    expect(new Set(values()).size).toBe(values().length);
    expect(values().at(-1)).toBe(service.published.at(-1));
    expect(values().length).toBeGreaterThan(200);
  });

  test('a gap is told even when nobody speaks', async () => {
    await subscribed();
    service.endAll('SERVER_UNAVAILABLE');
    await pass(200);
    expect(heard.gaps).toEqual([{ after: undefined }]);
    await pass(60_000);
    expect(heard.gaps).toHaveLength(1);
  });

  test('a stream that the SDK gave up without a word is replaced', async () => {
    const subscription = await subscribed();
    const [silent] = service.live();
    silent!.unsubscribe();
    await pass(2000);
    expect(subscription.status).toBe('live');
    expect(heard.gaps).toHaveLength(1);
    service.publish();
    await pass(100);
    expect(values()).toEqual(['message 1']);
  });

  test('a stream that fell silent is replaced, with one gap', async () => {
    await subscribed();
    await pass(20_000);
    const [silent] = service.live();
    // As after sleep: nobody told the browser that the connection is gone.
    service.streams = [];
    service.publish();
    await pass(60_000);
    expect(silent!.isSubscribed).toBe(false);
    expect(heard.gaps).toHaveLength(1);
    service.publish();
    await pass(100);
    expect(values()).toEqual(['message 2']);
  });

  test('while the service is away, it is asked less and less often', async () => {
    await subscribed();
    service.refuse = 'SERVER_UNAVAILABLE';
    service.endAll('SERVER_UNAVAILABLE');
    await pass(60_000);
    expect(service.opened).toBeLessThan(12);
    service.refuse = undefined;
    await pass(31_000);
    expect(heard.gaps).toHaveLength(1);
    service.publish();
    await pass(100);
    expect(values()).toEqual(['message 1']);
  });
});

describe('what the SDK resumes', () => {
  test('is no gap', async () => {
    await subscribed();
    const [stream] = service.live();
    service.publish();
    await pass(50);
    stream!.beat();
    stream!.item(2, 'message 2');
    await pass(50);
    expect(values()).toEqual(['message 1', 'message 2']);
    expect(heard.gaps).toEqual([]);
  });

  test('with a discontinuity is one gap, and the numbers begin where it says', async () => {
    await subscribed();
    const [stream] = service.live();
    service.publish();
    await pass(2000);
    stream!.discontinuity(1, 0, 2);
    stream!.item(1, 'after');
    await pass(50);
    expect(heard.log).toEqual(['message 1', 'gap', 'after']);
  });

  test('a discontinuity that only tells a new stream its page is no gap', async () => {
    await subscribed();
    service.live()[0]!.discontinuity(0, 7, 3);
    await pass(50);
    expect(heard.gaps).toEqual([]);
  });

  test('a message that comes twice is delivered once', async () => {
    await subscribed();
    service.publish();
    service.live()[0]!.item(1, 'message 1');
    await pass(50);
    expect(values()).toEqual(['message 1']);
  });

  test('a hole in the numbers is told', async () => {
    await subscribed();
    service.publish();
    service.live()[0]!.item(5, 'later');
    await pass(50);
    expect(heard.log).toEqual(['message 1', 'gap', 'later']);
  });
});

describe('a lost connection', () => {
  const watch = () => {
    const events: string[] = [];
    topics.subscribe('chat', 'room', { onItem: () => {}, onLostConnection: event => events.push(event) });
    return events;
  };

  test('is reported after a delay, and so is its return', async () => {
    const events = watch();
    await pass(100);
    service.refuse = 'SERVER_UNAVAILABLE';
    service.endAll('SERVER_UNAVAILABLE');
    await pass(4900);
    expect(events).toEqual([]);
    await pass(1000);
    expect(events).toEqual(['lost']);
    service.refuse = undefined;
    await pass(40_000);
    expect(events).toEqual(['lost', 'restored']);
  });

  test('that returns sooner is not reported', async () => {
    const events = watch();
    await pass(100);
    service.endAll('SERVER_UNAVAILABLE');
    await pass(20_000);
    expect(events).toEqual([]);
  });
});

describe('the SDK', () => {
  const connecting = (...outcomes: (Error | undefined)[]) => {
    let attempts = 0;
    const client = new TopicsClient(source, {
      connect: token => {
        attempts++;
        const outcome = outcomes.shift();
        if (outcome !== undefined) throw outcome;
        return service.connect(token);
      },
    });
    return { client, attempts: () => attempts };
  };

  test('that cannot be loaded now is loaded later', async () => {
    const { client, attempts } = connecting(new UnavailableError('not now'), new UnavailableError('not now'));
    const subscription = client.subscribe('chat', 'room', { onItem: () => {} });
    await pass(5000);
    expect(subscription.status).toBe('live');
    expect(attempts()).toBe(3);
    client.close();
  });

  test('that the page cannot make is reported at once, with the cause', async () => {
    const cause = new TypeError('no such configuration');
    const { client, attempts } = connecting(cause, cause);
    const subscription = client.subscribe('chat', 'room', { onItem: () => {} });
    await expect(subscription.ready).rejects.toMatchObject({ code: 'CONNECT_FAILED', cause });
    await expect(client.publish('chat', 'room', 'hello')).rejects.toBeInstanceOf(SetupError);
    await pass(60_000);
    expect(attempts()).toBe(2);
  });

  test('for browsers is not used outside of one', async () => {
    const client = new TopicsClient(source);
    await expect(client.publish('chat', 'room', 'hello')).rejects.toMatchObject({ code: 'SDK_NOT_LOADED' });
    await expect(client.subscribe('chat', 'room', { onItem: () => {} }).ready).rejects.toThrow('tokenvending-client/node');
  });

  test('whose error has no code is tried again', async () => {
    const broken = Object.assign(failure(''), { errorCode: () => (undefined as never as () => string)() });
    const { client } = connecting();
    service.refuse = 'once';
    const { connect } = service;
    service.connect = function (token) {
      const made = connect.call(this, token);
      const subscribe = made.subscribe;
      made.subscribe = async (...values) => {
        const response = await subscribe(...values);
        service.refuse = undefined;
        return 'errorCode' in response ? broken : response;
      };
      return made;
    };
    const subscription = client.subscribe('chat', 'room', { onItem: () => {} });
    await pass(5000);
    expect(subscription.status).toBe('live');
    client.close();
  });
});

describe('the end', () => {
  test('of a source that is refused is the end of the subscription, with the reason', async () => {
    machine.answerNext(problem(403, 'not-permitted', 'No rule allows this.'));
    const subscription = subscribe();
    await expect(subscription.ready).rejects.toMatchObject({ status: 403 });
    await pass(600_000);
    expect(heard.errors).toHaveLength(1);
    expect(machine.requests).toBe(1);
  });

  test.each(['PERMISSION_ERROR', 'NOT_FOUND_ERROR'])('comes with %s, after one attempt', async code => {
    service.refuse = code;
    const subscription = subscribe();
    await pass(600_000);
    await expect(subscription.ready).rejects.toBeInstanceOf(TopicError);
    expect(service.opened).toBe(1);
    expect(heard.errors).toHaveLength(1);
  });

  test('that was wished for leaves no stream and delivers nothing', async () => {
    const subscription = await subscribed();
    service.publish();
    subscription.close();
    service.publish();
    await pass(600_000);
    expect(service.live()).toEqual([]);
    expect(heard.log).toEqual([]);
    expect(service.opened).toBe(1);
  });
});

describe('whatever happens', () => {
  /** Small, seeded and good enough (mulberry32). */
  function seeded(seed: number): () => number {
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
    };
  }

  test.each(Array.from({ length: 60 }, (_, seed) => seed))(
    'each message comes once and in order, and what is missing has a gap in its place (%i)',
    async seed => {
      const random = seeded(seed);
      // Without pages a reset in the very moment of a handover cannot be told, so there is none then.
      service.page = seed < 40 ? 1 : undefined;
      service.lag = () => random() * 300;
      service.establish = () => random() * 2000;
      machine.life = 5 + Math.floor(random() * 10);
      subscribe();
      await pass(3000);
      // The last word of before is not lost where there was none.
      const missed = service.published.length;
      for (let i = 0; i < 600; i++) {
        const dice = random();
        if (dice < 0.5) service.publish();
        else if (dice < 0.505) service.endAll('SERVER_UNAVAILABLE');
        else if (dice < 0.51) service.endAll('AUTHENTICATION_ERROR');
        else if (dice < 0.515 && service.page !== undefined) service.restart();
        else if (dice < 0.52) machine.answerNext('no network');
        await vi.advanceTimersByTimeAsync(random() * 100);
      }
      machine.recover();
      service.publish();
      await pass(90_000);
      service.publish();
      await pass(10_000);

      const numbers = heard.log.map(entry => (entry === 'gap' ? 'gap' : Number(entry.slice('message '.length))));
      let last = missed;
      let gap = false;
      for (const entry of numbers) {
        if (entry === 'gap') {
          expect(gap, 'two gaps side by side').toBe(false);
          gap = true;
        } else {
          const next = entry as number;
          expect(next, 'doubled or out of order').toBeGreaterThan(last);
          if (next > last + 1) {
            expect(gap, `lost without a word between ${last} and ${next}`).toBe(true);
          }
          last = next;
          gap = false;
        }
      }
      expect(last).toBe(service.published.length);
    },
  );
});

describe('publishing', () => {
  let answers: (string | undefined)[];
  let sent: string[];
  beforeEach(() => {
    answers = [];
    sent = [];
    topics = new TopicsClient(source, {
      connect: token => ({
        subscribe: () => Promise.reject(new Error('not here')),
        publish: async () => {
          sent.push(token.authToken);
          const code = answers.shift();
          return code === undefined
            ? new TopicPublish.Success()
            : new TopicPublish.Error(
                Object.assign(new Error(), { errorCode: () => code, message: code, wrappedErrorMessage: () => code }) as never,
              );
        },
      }),
    });
  });

  test('waits for a token', async () => {
    await topics.publish('chat', 'room', 'hello');
    expect(sent).toEqual(['token-1']);
  });

  test('goes on with a new token where the service says that this one is over', async () => {
    answers = ['AUTHENTICATION_ERROR'];
    const published = topics.publish('chat', 'room', 'hello');
    await pass(3000);
    await published;
    expect(sent).toEqual(['token-1', 'token-2']);
  });

  test('ends with the signal', async () => {
    machine.answerNext('no network', 'no network');
    const controller = new AbortController();
    const published = topics.publish('chat', 'room', 'hello', { signal: controller.signal });
    await settle();
    controller.abort(new Error('the user left'));
    await expect(published).rejects.toThrow('the user left');
    await pass(10_000);
    expect(sent).toEqual([]);
  });

  test('does not try a third token', async () => {
    answers = ['AUTHENTICATION_ERROR', 'AUTHENTICATION_ERROR'];
    const published = topics.publish('chat', 'room', 'hello').catch((error: unknown) => error);
    await pass(5000);
    expect(await published).toMatchObject({ code: 'AUTHENTICATION_ERROR', delivered: 'no' });
    expect(sent).toHaveLength(2);
  });

  test.each([
    ['PERMISSION_ERROR', 'no'],
    ['NOT_FOUND_ERROR', 'no'],
    ['SERVER_UNAVAILABLE', 'unknown'],
    ['TIMEOUT_ERROR', 'unknown'],
    ['UNKNOWN_SERVICE_ERROR', 'unknown'],
  ])('that failed with %s is not sent again, and says whether it may be (%s)', async (code, delivered) => {
    answers = [code];
    await expect(topics.publish('chat', 'room', 'hello')).rejects.toMatchObject({ code, delivered });
    expect(sent).toHaveLength(1);
  });
});

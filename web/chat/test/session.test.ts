import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { none, RefusedError, TokenSource } from 'tokenvending-client';
import { FakeMomento } from 'tokenvending-client/testing';
import { TopicsClient } from 'tokenvending-client/topics';
import type { Connection } from 'tokenvending-client/topics';
import type { History, Remembered } from '../src/history';
import { Session } from '../src/session';
import type { MessageEntry } from '../src/session';

const ALL = ['PublishSubscribe cache=chat topic-prefix=room-'];

let momento: FakeMomento;
let sessions: Session[];

beforeEach(() => {
  vi.useFakeTimers();
  momento = new FakeMomento();
  sessions = [];
});
afterEach(async () => {
  const left = Promise.all(sessions.map(session => session.leave()));
  await pass(1000);
  await left;
  momento.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

interface World {
  readonly permissions?: readonly string[];
  readonly tokenId?: string | null;
  readonly fetchToken?: () => Promise<never>;
  readonly publish?: Connection['publish'];
  readonly history?: readonly Remembered[];
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Joins the room `one`, with a token and a service that the test makes. */
async function join({ permissions = ALL, tokenId = 'Ann', fetchToken, publish, history = [], parameters = {} }: World = {}) {
  const source = TokenSource.custom(
    fetchToken ?? (async () => ({ authToken: 'token', expiresIn: 3600, permissions, ...(tokenId !== null && { tokenId }) })),
  );
  const connect = () => ({ ...momento.connect(), ...(publish && { publish }) });
  const remembered: Remembered[] = [];
  const fake = {
    recall: async () => history,
    remember: async (_: unknown, message: Remembered) => void remembered.push(message),
  } as unknown as History;
  const entrance = {
    url: 'https://tvm.example.com/',
    credentials: none(),
    parameters,
    settings: { cache: 'chat', topic: null },
    room: 'one',
    name: 'Ann',
  };
  momento.tokenId = tokenId ?? '';
  const session = new Session(entrance, source, new TopicsClient(source, { connect }), fake);
  sessions.push(session);
  await pass(10);
  return { session, remembered };
}

const messages = (session: Session) =>
  session
    .view()
    .entries.filter((entry): entry is MessageEntry => entry.kind === 'message')
    .map(({ name, text, delivery }) => [name, text, delivery]);

/** What another client publishes. */
const say = (name: string, text: string, id?: string) =>
  momento.send('chat', 'room-one', JSON.stringify({ kind: 'message', name: 'forged', text, id }), name);

describe('sending', () => {
  test('a message is shown at once, and the next one waits for it', async () => {
    const published: string[] = [];
    const publish: Connection['publish'] = async (cache, topic, value) => {
      await new Promise(resolve => setTimeout(resolve, 400));
      published.push((JSON.parse(String(value)) as { text: string }).text);
      momento.send(cache, topic, value, 'Ann');
      return {};
    };
    const { session } = await join({ publish });
    await pass(400);
    session.send('hello');
    session.send('world');
    expect(messages(session)).toEqual([
      ['Ann', 'hello', 'sending'],
      ['Ann', 'world', 'waiting'],
    ]);
    await pass(400);
    expect(messages(session)).toEqual([
      ['Ann', 'hello', 'sent'],
      ['Ann', 'world', 'sending'],
    ]);
    await pass(400);
    expect(messages(session)).toEqual([
      ['Ann', 'hello', 'sent'],
      ['Ann', 'world', 'sent'],
    ]);
    expect(published).toEqual(['', 'hello', 'world']);
  });

  test('a message keeps its line when it arrives, before those that still wait', async () => {
    let release = () => {};
    const publish: Connection['publish'] = async (cache, topic, value) => {
      if (String(value).includes('second')) {
        await new Promise<void>(resolve => (release = resolve));
      }
      momento.send(cache, topic, value, 'Ann');
      return {};
    };
    const { session } = await join({ publish });
    session.send('first');
    const [first] = session.view().entries.filter(entry => entry.kind === 'message');
    session.send('second');
    await pass(0);
    say('Bob', 'between');
    await pass(0);
    expect(messages(session).map(([, text]) => text)).toEqual(['first', 'between', 'second']);
    expect(session.view().entries.some(entry => entry.id === first!.id)).toBe(true);
    release();
    await pass(0);
    expect(messages(session).at(-1)).toEqual(['Ann', 'second', 'sent']);
  });

  test('a rejected message stays, with the reason, until it is sent again or discarded', async () => {
    const { session: reader } = await join();
    let fails = true;
    const { session } = await join({
      publish: async (cache, topic, value) => {
        if (fails) {
          return { errorCode: () => 'LIMIT_EXCEEDED_ERROR', message: () => 'no' };
        }
        momento.send(cache, topic, value, 'Ann');
        return {};
      },
    });
    session.send('one');
    session.send('two');
    await pass(0);
    const [one, two] = session.view().entries.filter((entry): entry is MessageEntry => entry.kind === 'message');
    expect(one).toMatchObject({ delivery: 'failed', failure: 'Too many messages at once.' });
    fails = false;
    session.retry(one!.id);
    session.discard(two!.id);
    await pass(0);
    expect(messages(session)).toEqual([['Ann', 'one', 'sent']]);
    expect(messages(reader)).toEqual([['Ann', 'one', undefined]]);
  });

  test('a message that arrived though its answer was lost is not sent again, and shown once', async () => {
    const { session } = await join({
      publish: async (cache, topic, value) => {
        if (String(value).includes('once')) {
          momento.send(cache, topic, value, 'Ann');
          momento.send(cache, topic, value, 'Ann');
        }
        return { errorCode: () => 'TIMEOUT_ERROR', message: () => 'no answer' };
      },
    });
    session.send('once');
    await pass(0);
    expect(messages(session)).toEqual([['Ann', 'once', 'sent']]);
  });

  test('a copy with the id of another sender’s message is another message', async () => {
    const { session } = await join();
    say('Bob', 'mine', 'x');
    say('Bob', 'mine', 'x');
    say('Eve', 'no, mine', 'x');
    await pass(0);
    expect(messages(session)).toEqual([
      ['Bob', 'mine', undefined],
      ['Eve', 'no, mine', undefined],
    ]);
  });
});

describe('the connection', () => {
  test('is offline within three seconds, says when it tries again, and is back within three', async () => {
    const { session } = await join();
    expect(session.view()).toMatchObject({ connection: 'live', retryAt: undefined, canRetry: false });
    momento.reject('SERVER_UNAVAILABLE');
    await pass(100);
    expect(session.view().connection).toBe('reconnecting');
    await pass(2900);
    expect(session.view()).toMatchObject({ connection: 'offline', canRetry: true });
    expect(session.view().retryAt! - Date.now()).toBeLessThanOrEqual(2000);
    await pass(60_000);
    expect(session.view().connection).toBe('offline');
    session.send('queued');
    await pass(1000);
    expect(messages(session)).toEqual([['Ann', 'queued', 'waiting']]);
    momento.reject(undefined);
    await pass(3000);
    expect(session.view()).toMatchObject({ connection: 'live', retryAt: undefined, trouble: undefined });
    expect(messages(session)).toEqual([['Ann', 'queued', 'sent']]);
  });

  test('is tried at once on request', async () => {
    const { session } = await join();
    momento.reject('SERVER_UNAVAILABLE');
    await pass(5 * 60_000);
    momento.reject(undefined);
    session.reconnect();
    await pass(0);
    expect(session.view().connection).toBe('live');
  });

  test('is offline at once where the browser has no network', async () => {
    const window = new EventTarget();
    const navigator = { onLine: true };
    vi.stubGlobal('window', window);
    vi.stubGlobal('navigator', navigator);
    const { session } = await join();
    navigator.onLine = false;
    window.dispatchEvent(new Event('offline'));
    expect(session.view()).toMatchObject({ connection: 'offline', retryAt: undefined, canRetry: false });
    session.send('queued');
    await pass(0);
    expect(messages(session)).toEqual([['Ann', 'queued', 'waiting']]);
    navigator.onLine = true;
    window.dispatchEvent(new Event('online'));
    await pass(0);
    expect(session.view().connection).toBe('live');
    expect(messages(session)).toEqual([['Ann', 'queued', 'sent']]);
  });

  test('that failed a message sends it again when it is back', async () => {
    const { session } = await join();
    let away = false;
    const other = await join({
      publish: async (cache, topic, value) => {
        if (away) {
          momento.reject('SERVER_UNAVAILABLE');
          return { errorCode: () => 'SERVER_UNAVAILABLE', message: () => 'away' };
        }
        momento.send(cache, topic, value, 'Ann');
        return {};
      },
    });
    away = true;
    other.session.send('lost');
    await pass(100);
    expect(messages(other.session)).toEqual([['Ann', 'lost', 'failed']]);
    away = false;
    momento.reject(undefined);
    await pass(3000);
    expect(messages(other.session)).toEqual([['Ann', 'lost', 'sent']]);
    expect(session.view().connection).toBe('live');
  });

  test('that a rejection keeps from the room is closed, with a sentence', async () => {
    const { session } = await join({
      fetchToken: async () => {
        throw new RefusedError(403, 'not-permitted', 'The policy does not allow this request.');
      },
    });
    expect(session.view()).toMatchObject({
      connection: 'closed',
      place: undefined,
      trouble: 'Access denied: The policy does not allow this request.',
    });
  });

  test.each([
    [{ name: 'A\u200dnn', channel: 'one' }, 'The token service does not accept an invisible joiner in: name. Type it anew.'],
    [{ name: 'Ann', channel: 'one' }, 'The token service rejected the request. Check: name, room.'],
    [{}, 'The token service rejected the request: The request is malformed.'],
  ])('for a malformed request names the fields that can be the cause: %j', async (parameters, trouble) => {
    const { session } = await join({
      parameters,
      fetchToken: async () => {
        throw new RefusedError(400, 'malformed-request', 'The request is malformed.');
      },
    });
    expect(session.view().trouble).toBe(trouble);
  });
});

describe('the token', () => {
  test('without this room names those that it has', async () => {
    const { session } = await join({ permissions: ['SubscribeOnly cache=chat topic=news', 'SubscribeOnly cache=chat topic=sports'] });
    expect(session.view()).toMatchObject({
      connection: 'closed',
      trouble: 'Your token does not allow this room. It allows: news, sports.',
    });
  });

  test('that can only publish joins, and shows what was sent', async () => {
    const { session } = await join({ permissions: ['PublishOnly cache=chat topic-prefix=room-'] });
    expect(session.view()).toMatchObject({ connection: 'live', rights: { publish: true, subscribe: false } });
    session.send('hello');
    await pass(0);
    expect(messages(session)).toEqual([['Ann', 'hello', 'sent']]);
  });

  test('without an id shows the name that the sender wrote', async () => {
    const { session } = await join({ tokenId: null });
    session.send('hello');
    await pass(0);
    expect(messages(session)).toEqual([['Ann', 'hello', 'sent']]);
    expect(session.view().entries.at(-1)).toMatchObject({ own: true, fromToken: false });
  });
});

describe('unread messages', () => {
  test('are counted while the user does not look, from a marker on', async () => {
    const { session } = await join();
    say('Bob', 'seen');
    session.attend(false);
    say('Bob', 'first');
    say('Ann', 'from another tab of mine');
    say('Bob', 'second');
    await pass(0);
    const first = session.view().entries.find(entry => entry.kind === 'message' && entry.text === 'first')!;
    expect(session.view()).toMatchObject({ unread: 2, firstUnread: first.id });
    session.attend(true);
    expect(session.view()).toMatchObject({ unread: 0, firstUnread: first.id });
    session.send('an answer');
    expect(session.view().firstUnread).toBeUndefined();
  });
});

describe('the history', () => {
  const old = [
    { id: 'a', name: 'Bob', text: 'before you came', at: 1 },
    { id: 'b', name: 'Ann', text: 'mine', at: 2 },
  ];
  const permissions = [...ALL, 'ReadWrite cache=chat key-prefix=history-'];

  test('is shown first, without any verified name', async () => {
    const { session } = await join({ permissions, history: old });
    const shown = session.view().entries.filter((entry): entry is MessageEntry => entry.kind === 'message');
    expect(shown.map(({ text, fromToken, own }) => [text, fromToken, own])).toEqual([
      ['before you came', false, false],
      ['mine', false, false],
    ]);
  });

  test('is not read without a permission', async () => {
    const { session } = await join({ history: old });
    expect(messages(session)).toEqual([]);
  });

  test('gives way to the same message when it arrives', async () => {
    const { session } = await join({ permissions, history: old });
    say('Bob', 'before you came', 'a');
    await pass(0);
    expect(messages(session)).toHaveLength(2);
    expect(session.view().entries.find(entry => entry.kind === 'message' && entry.nonce === 'a')).toMatchObject({ fromToken: true });
  });

  test('fills a gap', async () => {
    const history: Remembered[] = [];
    const { session } = await join({ permissions, history });
    say('Bob', 'one', '1');
    await pass(0);
    history.push({ id: '1', name: 'Bob', text: 'one', at: 1 }, { id: '2', name: 'Bob', text: 'two', at: 2 }, { id: '3', name: 'Bob', text: 'three', at: 3 });
    momento.lose('chat', 'room-one');
    say('Bob', 'three', '3');
    await pass(0);
    const lines = session.view().entries.filter(({ kind }) => kind === 'message' || kind === 'gap');
    expect(lines.map(entry => (entry.kind === 'gap' ? 'gap' : (entry as MessageEntry).text))).toEqual(['one', 'gap', 'two', 'three']);
  });

  test('keeps what is sent', async () => {
    const { session, remembered } = await join({ permissions });
    session.send('hello');
    await pass(0);
    expect(remembered).toMatchObject([{ name: 'Ann', text: 'hello' }]);
  });
});

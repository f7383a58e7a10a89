import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClosedError, jwt, none, password, RefusedError, SetupError, TokenSource, UnavailableError } from '../src/index.js';
import type { TokenSourceOptions } from '../src/index.js';
import type { Answer } from './world.js';
import { FakeBrowser, FakeMachine, pass, problem, settle, sleep } from './world.js';

let machine: FakeMachine;
let browser: FakeBrowser;
const open: TokenSource[] = [];

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: 1_700_000_000_000,
  });
  machine = new FakeMachine();
  browser = new FakeBrowser();
});
afterEach(() => {
  open.splice(0).forEach(source => source.close());
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function source(options: Partial<TokenSourceOptions> = {}): TokenSource {
  const made = new TokenSource({ url: 'https://tvm.example.com/', credentials: none(), ...options });
  open.push(made);
  return made;
}

describe('fetching', () => {
  test('nothing is fetched before somebody wants a token', async () => {
    const tokens = source();
    await pass(60_000);
    expect(machine.requests).toBe(0);
    expect(tokens.state).toEqual({ status: 'idle' });
  });

  test('many who want a token at once cause one fetch', async () => {
    const tokens = source();
    const all = await Promise.all([tokens.token(), tokens.token(), tokens.token()]);
    expect(new Set(all.map(token => token.authToken))).toEqual(new Set(['token-1']));
    expect(machine.requests).toBe(1);
    expect(await tokens.token()).toBe(all[0]);
    expect(machine.requests).toBe(1);
  });

  test('parameters, life and narrower permissions go into the query', async () => {
    await source({ parameters: { name: 'Ann & Bob' }, ttl: 60, permissions: ['a', 'b'] }).token();
    expect(machine.asked[0]!.url.search).toBe('?name=Ann+%26+Bob&ttl=60&permission=a&permission=b');
  });

  test('no credential, no cookie, no referrer, no cache, no redirect', async () => {
    await source().token();
    const { init } = machine.asked[0]!;
    expect(init).toMatchObject({
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'manual',
      referrerPolicy: 'no-referrer',
    });
    expect(init.headers).toEqual({ accept: 'application/json' });
  });

  test('a password goes into the header and not into the address', async () => {
    await source({ credentials: password('ann', 'pässword') }).token();
    const { url, init } = machine.asked[0]!;
    const header = (init.headers as Record<string, string>)['authorization']!;
    expect(new TextDecoder().decode(Uint8Array.from(atob(header.slice(6)), c => c.charCodeAt(0)))).toBe('ann:pässword');
    expect(url.href).toBe('https://tvm.example.com/');
  });

  test('a JWT is asked for before each fetch', async () => {
    let serial = 0;
    const tokens = source({ credentials: jwt(async () => `jwt-${++serial}`) });
    await tokens.token();
    await pass(430_000);
    const sent = machine.asked.map(({ init }) => (init.headers as Record<string, string>)['authorization']);
    expect(sent).toEqual(['Bearer jwt-1', 'Bearer jwt-2']);
  });
});

describe('refreshing', () => {
  test('a token is refreshed when the machine said so, and not before', async () => {
    const tokens = source();
    await tokens.token();
    await pass(419_000);
    expect(machine.requests).toBe(1);
    await pass(2000);
    expect(machine.requests).toBe(2);
    expect(tokens.state.token?.authToken).toBe('token-2');
  });

  test.each([
    [10, 0.9, 6],
    [30, 0.9, 20],
    [30, 0.6, 18],
    [600, 0.9, 540],
  ])('of %i seconds at %f of them is due after %i: time is left for a new stream', async (life, refreshAt, due) => {
    machine.life = life;
    machine.refreshAt = refreshAt;
    await source().token();
    await pass(due * 1000 - 500);
    expect(machine.requests).toBe(1);
    await pass(1000);
    expect(machine.requests).toBe(2);
  });

  test.each([-3600, 3600])('a clock that is wrong by %i seconds changes nothing', async behind => {
    machine.behind = behind;
    const tokens = source();
    await tokens.token();
    expect(tokens.remaining()).toBeCloseTo(599_000, -2);
    await pass(419_000);
    expect(machine.requests).toBe(1);
    await pass(2000);
    expect(machine.requests).toBe(2);
  });

  test('the clock that is set back in the meantime changes nothing', async () => {
    const tokens = source();
    await tokens.token();
    vi.setSystemTime(Date.now() - 3_600_000);
    await pass(421_000);
    expect(machine.requests).toBe(2);
  });

  test('one failed refresh does not end the chain, and the old token serves on', async () => {
    const tokens = source();
    await tokens.token();
    machine.answerNext('no network', { status: 500, body: {} }, { status: 502, body: {} });
    await pass(421_000);
    expect(tokens.state.status).toBe('waiting');
    expect((await tokens.token()).authToken).toBe('token-1');
    await pass(10_000);
    expect(tokens.state).toMatchObject({ status: 'ready', token: { authToken: 'token-2' } });
    await pass(421_000);
    expect(tokens.state.token?.authToken).toBe('token-3');
  });

  test('an expired token is not handed out', async () => {
    const tokens = source();
    await tokens.token();
    machine.answerNext(...Array.from({ length: 100 }, () => 'no network' as const));
    await pass(610_000);
    expect(tokens.state.token).toBeUndefined();
    let got = false;
    void tokens.token().then(() => (got = true), () => {});
    await settle();
    expect(got).toBe(false);
  });

  test('a token of one second does not make a storm', async () => {
    machine.life = 1;
    machine.refreshAt = 0;
    const tokens = source();
    await tokens.token();
    await pass(10_000);
    expect(machine.requests).toBeLessThanOrEqual(31);
  });

  test('a token that the service refused is replaced once, not in a loop', async () => {
    const tokens = source();
    const first = await tokens.token();
    await pass(10_000);
    tokens.reject(first);
    expect((await tokens.token()).authToken).toBe('token-2');
    for (let i = 0; i < 50; i++) {
      tokens.reject(tokens.state.token ?? first);
      await pass(20);
    }
    expect(machine.requests).toBe(2);
    await pass(2000);
    expect(machine.requests).toBe(3);
  });
});

describe('sleep and outages', () => {
  test('after sleep past its end a token is replaced as soon as the page wakes', async () => {
    const tokens = source();
    await tokens.token();
    await sleep(3_600_000);
    browser.wake();
    await settle();
    expect(machine.requests).toBe(2);
    expect(tokens.state.token?.authToken).toBe('token-2');
  });

  test('sleep is noticed without any event, within half a minute', async () => {
    const tokens = source();
    await tokens.token();
    await sleep(3_600_000);
    await pass(30_000);
    expect(machine.requests).toBe(2);
  });

  test('waking before it is time fetches nothing', async () => {
    const tokens = source();
    await tokens.token();
    await sleep(60_000);
    browser.wake();
    await pass(1000);
    expect(machine.requests).toBe(1);
  });

  test('back on line, it tries at once', async () => {
    machine.answerNext(...Array.from({ length: 9 }, () => 'no network' as const));
    const tokens = source();
    void tokens.token().catch(() => {});
    await pass(40_000);
    expect(tokens.state.status).toBe('waiting');
    const before = machine.requests;
    machine.answerNext();
    browser.online();
    await settle();
    expect(machine.requests).toBe(before + 1);
  });

  test('without a network it asks less and less often, and never gives up', async () => {
    machine.answerNext(...Array.from({ length: 30 }, () => 'no network' as const));
    void source().token().catch(() => {});
    await pass(60_000);
    expect(machine.requests).toBeLessThanOrEqual(9);
    await pass(600_000);
    expect(machine.requests).toBeGreaterThan(15);
  });
});

describe.each([429, 503])('%i', status => {
  test('waits as long as it was told, and a little longer', async () => {
    machine.answerNext({ status, body: { detail: 'Later.' }, headers: { 'retry-after': '20' } });
    const tokens = source();
    const token = tokens.token();
    await settle();
    expect(tokens.state).toMatchObject({ status: 'waiting', error: { name: 'UnavailableError', status, message: 'Later.' } });
    await pass(19_990);
    expect(machine.requests).toBe(1);
    await pass(5100);
    expect(machine.requests).toBe(2);
    expect((await token).authToken).toBe('token-1');
  });

  test('neither the network nor a wish hurries it', async () => {
    machine.answerNext({ status, body: {}, headers: { 'retry-after': '60' } });
    const tokens = source();
    void tokens.token().catch(() => {});
    await settle();
    for (let i = 0; i < 10; i++) {
      browser.online();
      browser.wake();
      tokens.refresh();
      void tokens.token().catch(() => {});
      await pass(1000);
    }
    expect(machine.requests).toBe(1);
  });
});

test('Retry-After may be a date', async () => {
  const date = new Date(Date.now() + 30_000).toUTCString();
  machine.answerNext({ status: 503, body: {}, headers: { 'retry-after': date } });
  void source().token().catch(() => {});
  await settle();
  await pass(28_900);
  expect(machine.requests).toBe(1);
  await pass(10_000);
  expect(machine.requests).toBe(2);
});

test('a crowd that was told the same does not come back at the same time', async () => {
  const times = new Set<number>();
  for (let i = 0; i < 10; i++) {
    machine.answerNext({ status: 429, body: {}, headers: { 'retry-after': '20' } });
    const tokens = source({ share: false });
    void tokens.token().catch(() => {});
    await settle();
    times.add(tokens.state.retryAt!);
  }
  expect(times.size).toBeGreaterThan(5);
});

describe.each([
  [401, 'unauthenticated'],
  [403, 'not-permitted'],
  [400, 'malformed-request'],
])('%i', (status, type) => {
  test('stops, says so once, and never asks again', async () => {
    machine.answerNext(problem(status, type, 'No, and this is why.'));
    const tokens = source();
    const said: string[] = [];
    tokens.subscribe(() => said.push(tokens.state.status));
    const error = await tokens.token().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ status, type, detail: 'No, and this is why.', requestId: 'request-1' });
    await pass(3_600_000);
    browser.online();
    browser.wake();
    tokens.refresh();
    await expect(tokens.token()).rejects.toBe(error);
    expect(machine.requests).toBe(1);
    expect(said.filter(word => word === 'refused')).toHaveLength(1);
  });

  test('at a refresh leaves the old token its life', async () => {
    const tokens = source();
    await tokens.token();
    machine.answerNext(problem(status, type, 'No more.'));
    await pass(421_000);
    expect(tokens.state).toMatchObject({ status: 'refused', token: { authToken: 'token-1' } });
    expect((await tokens.token()).authToken).toBe('token-1');
    await pass(200_000);
    await expect(tokens.token()).rejects.toBeInstanceOf(RefusedError);
    expect(machine.requests).toBe(2);
  });
});

describe('tabs', () => {
  test('six tabs with one identity fetch one token, at the start and at each refresh', async () => {
    const tabs = Array.from({ length: 6 }, () => source());
    const tokens = Promise.all(tabs.map(tab => tab.token()));
    await pass(2000);
    expect(new Set((await tokens).map(token => token.authToken))).toEqual(new Set(['token-1']));
    expect(machine.requests).toBe(1);
    await pass(421_000);
    expect(machine.requests).toBe(2);
    expect(new Set(tabs.map(tab => tab.state.token?.authToken))).toEqual(new Set(['token-2']));
  });

  test('a tab that comes later gets the token with the life that is left of it', async () => {
    await source().token();
    await pass(100_000);
    const later = source();
    const token = later.token();
    await pass(300);
    expect((await token).authToken).toBe('token-1');
    expect(later.remaining()).toBeLessThan(500_000);
    expect(machine.requests).toBe(1);
  });

  test.each<[string, Partial<TokenSourceOptions>, Partial<TokenSourceOptions>]>([
    ['another password', { credentials: password('ann', 'one') }, { credentials: password('ann', 'two') }],
    ['another user', { credentials: password('ann', 'one') }, { credentials: password('bob', 'one') }],
    ['another JWT', { credentials: jwt(() => 'a.b.c') }, { credentials: jwt(() => 'a.b.d') }],
    ['no credential', { credentials: password('ann', 'one') }, {}],
    ['another name', { parameters: { name: 'ann' } }, { parameters: { name: 'bob' } }],
    ['another machine', {}, { url: 'https://other.example.com/' }],
    ['fewer permissions', {}, { permissions: ['SubscribeOnly cache=chat topic=all'] }],
  ])('a token never gets to a tab with %s', async (_, mine, theirs) => {
    const first = source(mine);
    expect((await first.token()).authToken).toBe('token-1');
    const second = source(theirs);
    const token = second.token();
    await pass(300);
    expect((await token).authToken).toBe('token-2');
    expect(first.state.token?.authToken).toBe('token-1');
    expect(browser.names.size).toBe(2);
  });

  test('the name that tabs meet under tells nothing of the secret', async () => {
    await source({ credentials: password('ann', 'correct horse') }).token();
    for (const name of browser.names) {
      expect(name).toMatch(/^tokenvending\/[A-Za-z0-9+/]{43}=$/);
    }
  });

  test('the locks, which scripts of the origin can list, do not tell the name of the channel', async () => {
    await source({ credentials: password('ann', 'correct horse') }).token();
    for (const lock of browser.lockNames) {
      for (const channel of browser.names) {
        expect(lock).not.toContain(channel);
      }
    }
  });

  test('no address is taken from a message', async () => {
    const first = source();
    await first.token();
    const [channel] = browser.names;
    const planted = { ...machine.token(), authToken: 'planted', expiresAt: 1_700_009_999 };
    const message = { kind: 'token', age: 0, sent: Date.now() };
    browser.send(channel!, { ...message, local: false, token: { ...planted, webEndpoint: 'https://evil.example.com' } });
    expect(first.state.token?.authToken).toBe('planted');
    expect(first.state.token?.webEndpoint).toBeUndefined();
  });

  test('a service on this machine is where the token came from', async () => {
    const url = 'http://127.0.0.1:8080/';
    machine.answerNext({ body: { ...machine.token(), webEndpoint: 'http://127.0.0.1:8080' } });
    await source({ url }).token();
    const second = source({ url });
    const token = second.token();
    await pass(300);
    expect((await token).webEndpoint).toBe('http://127.0.0.1:8080');
    expect(machine.requests).toBe(1);
  });

  test('a token whose service is elsewhere on this machine is not shared', async () => {
    const url = 'http://127.0.0.1:8080/';
    machine.answerNext({ body: { ...machine.token(), webEndpoint: 'http://127.0.0.1:9999' } });
    await source({ url }).token();
    const token = source({ url }).token();
    await pass(300);
    await token;
    expect(machine.requests).toBe(2);
  });

  test('where the browser forbids locks it works alone', async () => {
    vi.stubGlobal('crypto', { subtle: { importKey: async () => Promise.reject(new DOMException('no', 'SecurityError')) } });
    expect((await source().token()).authToken).toBe('token-1');
  });

  test('a tab that was refused passes nothing on and takes nothing', async () => {
    machine.answerNext(problem(403, 'not-permitted', 'No.'));
    const refused = source();
    await expect(refused.token()).rejects.toBeInstanceOf(RefusedError);
    await source().token();
    expect(refused.state.token).toBeUndefined();
    expect(refused.state.status).toBe('refused');
  });

  test('a tab that does not share fetches its own', async () => {
    await source().token();
    await source({ share: false }).token();
    expect(machine.requests).toBe(2);
  });

  test('a token that one tab had refused is not taken from another', async () => {
    const [first, second] = [source(), source()];
    const token = await first.token();
    const same = second.token();
    await pass(300);
    await same;
    await pass(10_000);
    first.reject(token);
    await pass(300);
    expect(first.state.token?.authToken).toBe('token-2');
    expect(machine.requests).toBe(2);
  });

  test('without locks and channels it works alone', async () => {
    vi.stubGlobal('navigator', {});
    expect((await source().token()).authToken).toBe('token-1');
  });
});

describe('what is no outage', () => {
  test.each<[string, () => void]>([
    ['AbortSignal.any', () => vi.stubGlobal('AbortSignal', class {})],
    ['window listeners, as in React Native', () => (vi.stubGlobal('window', {}), vi.stubGlobal('document', undefined))],
    ['window and location, as in Node', () => (vi.stubGlobal('window', undefined), vi.stubGlobal('location', undefined))],
  ])('without %s a token is fetched all the same', async (_, remove) => {
    remove();
    expect((await source().token()).authToken).toBe('token-1');
  });

  test.each<[string, Partial<TokenSourceOptions>]>([
    ['a relative url without a location', { url: '/token' }],
    ['a url that is none', { url: 'http://' }],
    ['a callback that throws', { credentials: jwt(() => Promise.reject(new Error('signed out'))) }],
    ['a credential that is no header value', { credentials: jwt(() => 'a\nb') }],
  ])('%s rejects at once, with its cause', async (_, options) => {
    const code = options.url === undefined ? 'CREDENTIALS_FAILED' : 'INVALID_URL';
    vi.stubGlobal('location', undefined);
    const tokens = source(options);
    const error = await tokens.token().catch(reason => reason);
    expect(error).toBeInstanceOf(SetupError);
    expect(error.code).toBe(code);
    expect(error.cause).toBeInstanceOf(Error);
    expect(tokens.state).toEqual({ status: 'failed', error });
    expect(machine.requests).toBe(0);
  });

  test.each<[string, Answer, string]>([
    ['HTML with status 200', { body: '<!doctype html>', headers: { 'content-type': 'text/html' } }, 'INVALID_RESPONSE'],
    ['JSON that is no token', { body: { hello: 'world' } }, 'INVALID_RESPONSE'],
    ['a redirect', { status: 302, body: '', headers: { location: 'https://other.example.com/' } }, 'REDIRECTED'],
  ])('%s rejects at once and names the address', async (_, answer, code) => {
    machine.answerNext(answer);
    const tokens = source({ parameters: { name: 'Ann' } });
    const error = await tokens.token().catch(reason => reason);
    expect(error).toMatchObject({ code, message: expect.stringContaining('https://tvm.example.com/ ') });
    await pass(600_000);
    expect(machine.requests).toBe(1);
    expect((await tokens.token()).authToken).toBe('token-1');
  });

  test('a response that CORS blocks is reported, and names what to add', async () => {
    machine.answerNext('hidden', 'hidden');
    const tokens = source({ credentials: jwt(() => 'a.b.c') });
    const error = await tokens.token().catch(reason => reason);
    expect(error).toMatchObject({ code: 'BLOCKED', message: expect.stringContaining('cors.allow-origins') });
    expect(error.cause).toBeInstanceOf(TypeError);
    // What asks whether the address answers carries no credential.
    expect(machine.probes).toHaveLength(2);
    expect(machine.probes[0]!.headers).toBeUndefined();
    await pass(600_000);
    expect(machine.requests).toBe(2);
  });

  test.each(['no network', 'hidden'] as const)('once there was a token, a failed call (%s) is an outage', async answer => {
    const tokens = source();
    await tokens.token();
    machine.answerNext(answer, answer);
    await pass(420_050);
    expect(tokens.state).toMatchObject({ error: { code: 'UNREACHABLE' }, token: { authToken: 'token-1' } });
    await pass(10_000);
    expect(tokens.state).toMatchObject({ status: 'ready', token: { authToken: 'token-2' } });
    expect(machine.probes).toEqual([]);
  });

  test('a call that failed for a moment is repeated', async () => {
    machine.answerNext('hidden');
    expect((await source().token()).authToken).toBe('token-1');
  });

  test.each([
    ['development', 1],
    ['production', 0],
  ])('in a %s build the first failure of a fetch makes %i warnings', async (build, warnings) => {
    vi.stubEnv('NODE_ENV', build);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    machine.answerNext('no network', 'no network', 'no network');
    const token = source().token();
    await pass(30_000);
    await token;
    expect(warn).toHaveBeenCalledTimes(warnings);
    if (warnings > 0) expect(warn.mock.calls[0]![0]).toMatch(/UNREACHABLE: https:\/\/tvm.example.com\/ .*connect-src/);
  });

  test('after such a failure the next call tries again', async () => {
    let signedIn = false;
    const tokens = source({ credentials: jwt(() => (signedIn ? 'a.b.c' : Promise.reject(new Error('no')))) });
    await expect(tokens.token()).rejects.toBeInstanceOf(SetupError);
    signedIn = true;
    expect((await tokens.token()).authToken).toBe('token-1');
  });

  test('a callback that fails at a renewal leaves the token in use, and is called again', async () => {
    let fails = false;
    const tokens = source({ credentials: jwt(() => (fails ? Promise.reject(new Error('no')) : 'a.b.c')) });
    await tokens.token();
    fails = true;
    await pass(430_000);
    expect(tokens.state).toMatchObject({ status: 'waiting', token: { authToken: 'token-1' } });
    fails = false;
    await pass(60_000);
    expect(tokens.state).toMatchObject({ status: 'ready', token: { authToken: 'token-2' } });
  });

  test('a callback says by UnavailableError that it is an outage', async () => {
    let fails = true;
    const provide = () => (fails ? Promise.reject(new UnavailableError('no network')) : 'a.b.c');
    const tokens = source({ credentials: jwt(provide) });
    const token = tokens.token();
    await settle();
    expect(tokens.state.status).toBe('waiting');
    fails = false;
    await pass(1500);
    expect((await token).authToken).toBe('token-1');
  });

  test('a failed network call is an outage, and says why', async () => {
    machine.answerNext('no network');
    const tokens = source();
    const token = tokens.token();
    await settle();
    expect(tokens.state.error?.cause).toBeInstanceOf(TypeError);
    await pass(1500);
    expect((await token).authToken).toBe('token-1');
  });
});

describe('a signal', () => {
  test('ends the wait of its own caller only', async () => {
    machine.answerNext('no network');
    const tokens = source();
    const controller = new AbortController();
    const impatient = tokens.token({ signal: controller.signal });
    const patient = tokens.token();
    await settle();
    controller.abort(new Error('the user left'));
    await expect(impatient).rejects.toThrow('the user left');
    await pass(1500);
    expect((await patient).authToken).toBe('token-1');
  });

  test('that aborted before starts nothing', async () => {
    await expect(source().token({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    await settle();
    expect(machine.requests).toBe(0);
  });

  test('without a reason, as in older browsers, rejects with a ClosedError', async () => {
    const signal = Object.assign(new EventTarget(), { aborted: true }) as AbortSignal;
    await expect(source().token({ signal })).rejects.toBeInstanceOf(ClosedError);
  });
});

describe('a custom source', () => {
  const custom = (...values: Parameters<typeof TokenSource.custom>) => {
    const made = TokenSource.custom(...values);
    open.push(made);
    return made;
  };
  const now = () => Date.now() / 1000;

  test.each([
    ['expiresIn', () => ({ expiresIn: 600 })],
    ['expiresAt', () => ({ expiresAt: now() + 600 })],
    ['both, by a clock of its own', () => ({ expiresAt: now() + 600 - 9999, expiresIn: 600 })],
  ])('renews a token with %s before it expires', async (_, times) => {
    let serial = 0;
    const tokens = custom(async () => ({ authToken: `custom-${++serial}`, ...times() }));
    expect(await tokens.token()).toMatchObject({ authToken: 'custom-1', permissions: [] });
    expect(tokens.remaining()).toBe(599_000);
    await pass(415_000);
    expect(serial).toBe(1);
    await pass(6000);
    expect((await tokens.token()).authToken).toBe('custom-2');
    expect(machine.requests).toBe(0);
  });

  test('takes a response as it is', async () => {
    const tokens = custom(({ signal }) => fetch('https://backend.example.com/momento', { signal }));
    machine.answerNext({ status: 503, headers: { 'retry-after': '20' } }, { body: { authToken: 'a', expiresIn: 60 } });
    const token = tokens.token();
    await pass(19_000);
    expect(machine.requests).toBe(1);
    await pass(7000);
    expect((await token).authToken).toBe('a');
  });

  test('stops where the response is a refusal', async () => {
    machine.answerNext(problem(403, 'not-permitted', 'No.'));
    await expect(custom(() => fetch('https://backend.example.com/')).token()).rejects.toMatchObject({ code: 'DENIED' });
  });

  test.each<[string, unknown, string, number]>([
    ['a network failure', new TypeError('Failed to fetch'), 'UNREACHABLE', 2],
    ['a mistake', new TypeError('undefined is not a function'), 'FETCH_FAILED', 1],
    ['no token', { hello: 'world' }, 'INVALID_RESPONSE', 1],
  ])('%s is reported as such', async (_, outcome, code, calls) => {
    let called = 0;
    const tokens = custom(async () => {
      called++;
      if (outcome instanceof Error) throw outcome;
      return outcome as never;
    });
    void tokens.token().catch(() => {});
    await settle();
    expect(tokens.state.error?.code).toBe(code);
    await pass(1500);
    expect(called).toBe(calls);
  });
});

test('debug lines have states and codes, and no secrets', async () => {
  const lines: string[] = [];
  machine.answerNext('no network');
  const tokens = source({
    credentials: password('ann', 'pass-word'),
    parameters: { name: 'Ann' },
    debug: line => lines.push(line),
  });
  const token = tokens.token();
  await pass(1500);
  await token;
  expect(lines.map(line => JSON.parse(line))).toEqual([
    { status: 'fetching' },
    {
      status: 'waiting',
      code: 'UNREACHABLE',
      message: 'https://tvm.example.com/ cannot be reached.',
      retryAt: expect.any(Number),
    },
    { status: 'fetching' },
    { status: 'ready' },
  ]);
  expect(lines.join()).not.toMatch(/token-1|pass-word|YW5u|Ann/);
});

describe('listeners', () => {
  test('subscribe works detached from the source', async () => {
    const tokens = source();
    const { subscribe } = tokens;
    const seen: string[] = [];
    const end = subscribe(() => seen.push(tokens.state.status));
    await tokens.token();
    end();
    expect(seen).toEqual(['fetching', 'ready']);
  });

  test('one that throws is reported, and stops nothing', async () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const tokens = source();
    const fault = new Error('a fault of the page');
    tokens.subscribe(() => {
      throw fault;
    });
    await tokens.token();
    await pass(430_000);
    expect(machine.requests).toBe(2);
    expect(reported).toHaveBeenCalledWith(fault);
  });
});

test('a listener that closes the source leaves no timer', async () => {
  const tokens = source();
  tokens.subscribe(() => tokens.state.status === 'ready' && tokens.close());
  await tokens.token();
  await settle();
  expect(vi.getTimerCount()).toBe(0);
});

test('a closed source says how to go on', async () => {
  const tokens = source();
  tokens.close();
  await expect(tokens.token()).rejects.toThrow(/create another/);
});

test('nothing is written to storage', async () => {
  const touched: PropertyKey[] = [];
  const trap = new Proxy({}, { get: (_, key) => (touched.push(key), () => null), set: (_, key) => (touched.push(key), true) });
  vi.stubGlobal('localStorage', trap);
  vi.stubGlobal('sessionStorage', trap);
  vi.stubGlobal('indexedDB', trap);
  const tokens = source({ credentials: password('ann', 'secret') });
  await tokens.token();
  await pass(1_000_000);
  expect(touched).toEqual([]);
});

test('after close nothing is fetched and nobody waits for ever', async () => {
  machine.answerNext('no network', 'no network', 'no network');
  const tokens = source();
  const waiting = tokens.token();
  await settle();
  tokens.close();
  await expect(waiting).rejects.toBeInstanceOf(ClosedError);
  await expect(tokens.token()).rejects.toBeInstanceOf(ClosedError);
  const before = machine.requests;
  browser.online();
  await pass(3_600_000);
  expect(machine.requests).toBe(before);
  expect(tokens.state).toEqual({ status: 'closed' });
});

// @vitest-environment happy-dom
import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { App } from '../src/App';
import { program, useOf } from '../src/code';
import type { Settings, Token } from '../src/machine';
import { allowed } from '../src/permission';
import { recall } from '../src/remembered';

const settings: Settings = {
  url: 'http://127.0.0.1:8080/',
  local: true,
  authenticationMethods: [{ kind: 'open' }, { kind: 'password' }],
  parameters: [{ name: 'name', required: false, maxLength: 64 }],
  cache: 'chat',
  topic: null,
  exampleCaller: { sub: 'ann', groups: 'readers', tenant: 'a' },
};

function token(life = 3600, text = 'token'): Token {
  return {
    authToken: text,
    serverTime: 1000,
    expiresAt: 1000 + life,
    refreshAfter: 1000 + life / 2,
    endpoint: 'cell',
    permissions: ['SubscribeOnly cache=chat topic-prefix=room-'],
  };
}

let page: HTMLElement;
let root: Root;
/** What the token vending machine answers. */
let answer: () => Promise<Response>;

const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init);

beforeEach(async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL('http://127.0.0.1:8080/playground/');
  answer = async () => json(token());
  vi.stubGlobal('fetch', async (url: string) => {
    if (url === 'settings.json') return json(settings);
    if (url.startsWith('api/explain')) return json({ decision: 'granted', rule: 'everyone', permissions: [] });
    if (url.startsWith('api/events')) return json({ next: 0, events: [] });
    return answer();
  });
  page = document.body.appendChild(document.createElement('div'));
  root = createRoot(page);
  await act(async () => root.render(createElement(App)));
});
afterEach(async () => {
  await act(async () => root.unmount());
  page.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const button = (text: string) => [...page.querySelectorAll('button')].find(one => one.textContent === text);
const press = (text: string) => act(async () => button(text)!.click());
const section = (id: string) => page.querySelector(`[aria-labelledby=${id}]`)?.textContent ?? '';

test('while an answer is awaited, the one before is gone, and so is what was copied', async () => {
  vi.stubGlobal('navigator', { clipboard: { writeText: async () => {} } });
  await press('Vend');
  await act(async () => page.querySelector<HTMLButtonElement>('.secret button:last-child')!.click());
  expect(page.querySelector('.secret')!.textContent).toContain('Copied');
  let send = (_: Response) => {};
  answer = () => new Promise(resolve => (send = resolve));
  await press('Vend');
  expect(section('answer')).toContain('Waiting for the answer');
  expect(page.querySelector('.secret')).toBeNull();
  expect(section('why')).toBe('');
  await act(async () => send(json(token())));
  expect(page.querySelector('.secret')!.textContent).not.toContain('Copied');
});

test('a throttled request says so beside the rule', async () => {
  answer = async () => json({ type: 'x/throttled', title: 'Too many requests', detail: 'The rate limit is exceeded.' }, { status: 429, headers: { 'retry-after': '7' } });
  await press('Vend');
  expect(section('why')).toMatch(/throttled.*The rate limit is exceeded\..*Retry after 7 s\..*granted.*everyone/s);
});

test('an expired token can be vended again, as the same caller', async () => {
  vi.useFakeTimers();
  answer = async () => json(token(10));
  await press('Vend');
  expect(button('Vend again')).toBeUndefined();
  await act(async () => vi.advanceTimersByTimeAsync(11_000));
  answer = async () => json(token());
  await press('Vend again');
  expect(button('Vend again')).toBeUndefined();
  expect(section('answer')).toContain('Vended');
});

test('the address keeps the values of the last request, and no secret', async () => {
  await act(async () => [...page.querySelectorAll<HTMLInputElement>('.ask input[type=radio]')][1]!.click());
  const field = (name: string) => page.querySelector<HTMLInputElement>(`input[name="${name}"]`)!;
  field('user').value = 'cyd';
  field('password').value = 'a secret';
  field('parameter name').value = 'Robin';
  await press('Vend');
  expect(location.search).not.toContain('secret');
  const last = recall(location.search);
  expect([last.kind, last.value('user'), last.value('parameter name')]).toEqual(['password', 'cyd', 'Robin']);
});

test('a simulated caller begins as one that the policy knows', async () => {
  await act(async () => [...page.querySelectorAll<HTMLInputElement>('.ask input[type=radio]')].at(-1)!.click());
  const value = (name: string) => page.querySelector<HTMLInputElement>(`.ask [name=${name}]`)!.value;
  expect([value('subject'), value('groups'), value('claims')]).toEqual(['ann', 'readers', 'tenant=a']);
});

test('a refusal says what the token allows', () => {
  const { permissions } = token();
  expect(allowed(permissions, 'subscribe')).toBe('The token allows subscribe only on topics that begin with room- in the cache chat.');
  expect(allowed(permissions, 'publish')).toBe('The token does not allow publish.');
});

test('a program does what the token allows, and has no secret', () => {
  const wish = { parameters: { name: "O'Neil" }, ttl: '15m', permissions: [] };
  const caller = { kind: 'password', user: 'cyd', password: 'a secret' } as const;
  const use = useOf(undefined, token(), settings);
  for (const language of ['curl', 'Browser', 'React', 'Node.js', 'Java'] as const) {
    expect(program(language, 'http://127.0.0.1:8080', caller, wish, use)).not.toContain('a secret');
  }
  const browser = program('Browser', 'http://127.0.0.1:8080', caller, wish, use);
  expect(browser).toContain("parameters: { name: 'O\\'Neil' },\n  ttl: 900,");
  expect(browser).toContain("topics.subscribe('chat', 'room-hello'");
  expect(browser).not.toContain('publish');
});

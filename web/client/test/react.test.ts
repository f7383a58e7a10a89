// @vitest-environment happy-dom
import { act, createElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TokenProvider, useToken, useTopic } from '../src/react.js';
import type { Topic, UseTopicOptions } from '../src/react.js';
import { FakeMomento } from '../src/testing.js';

let momento: FakeMomento;
let root: ReturnType<typeof createRoot>;
let seen: Topic;

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
  momento = new FakeMomento();
  root = createRoot(document.createElement('div'));
});
afterEach(async () => {
  await act(async () => root.unmount());
  momento.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function Room({ topic, ...options }: { topic: string } & UseTopicOptions) {
  const { status } = useToken();
  seen = useTopic('chat', topic, options);
  return `${status} ${seen.status} ${seen.messages.map(({ value }) => value).join()}`;
}

const app = (topic = 'room', options: UseTopicOptions = {}) =>
  createElement(
    StrictMode,
    null,
    createElement(
      TokenProvider,
      { source: momento.source, topics: { connect: momento.connect } },
      createElement(Room, { topic, ...options }),
    ),
  );

async function render(...values: Parameters<typeof app>): Promise<void> {
  await act(async () => root.render(app(...values)));
  await pass(100);
}

const pass = (milliseconds: number) => act(async () => void (await vi.advanceTimersByTimeAsync(milliseconds)));
const values = () => seen.messages.map(({ value }) => value);

test('a component shows the token, the messages and the gaps, in StrictMode', async () => {
  await render();
  expect(momento.source.state.status).toBe('ready');
  expect(seen).toMatchObject({ status: 'live', messages: [], gaps: [], error: undefined });
  await act(async () => {
    await seen.publish('one');
    momento.lose('chat', 'room');
    momento.send('chat', 'room', 'three', 'Ann');
  });
  expect(seen.messages).toEqual([
    { value: 'one', sequence: 1, tokenId: 'test-user' },
    { value: 'three', sequence: 3, tokenId: 'Ann' },
  ]);
  expect(seen.gaps).toEqual([{ after: 1 }]);
});

test('a renewal changes nothing that the component shows', async () => {
  momento.ttl = 60;
  await render();
  const { token } = momento.source.state;
  await act(async () => momento.send('chat', 'room', 'before'));
  await pass(120_000);
  await act(async () => momento.send('chat', 'room', 'after'));
  expect(momento.source.state.token).not.toBe(token);
  expect(values()).toEqual(['before', 'after']);
  expect(seen.gaps).toEqual([]);
});

test('another topic begins empty, and the last messages are kept', async () => {
  await render('room', { limit: 2 });
  await act(async () => ['one', 'two', 'three'].forEach(value => momento.send('chat', 'room', value)));
  expect(values()).toEqual(['two', 'three']);
  await render('other', { limit: 2 });
  expect(values()).toEqual([]);
  await act(async () => {
    momento.send('chat', 'room', 'unseen');
    momento.send('chat', 'other', 'seen');
  });
  expect(values()).toEqual(['seen']);
});

test('a refusal is the error, and no status of a closed component follows', async () => {
  momento.refuse('denied');
  await render();
  expect(seen).toMatchObject({ status: 'closed', error: { code: 'DENIED' } });
  expect(momento.source.state.status).toBe('refused');
});

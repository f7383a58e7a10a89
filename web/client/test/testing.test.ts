import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeMomento } from '../src/testing.js';

let momento: FakeMomento;
let log: unknown[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
  momento = new FakeMomento();
  log = [];
});
afterEach(() => {
  momento.close();
  vi.useRealTimers();
});

async function subscribe() {
  const subscription = momento.topics.subscribe('chat', 'room', {
    onItem: ({ value }) => log.push(value),
    onGap: ({ after }) => log.push({ after }),
    onError: ({ code }) => log.push(code),
  });
  await subscription.ready;
  return subscription;
}

test('an application under test publishes and receives', async () => {
  await subscribe();
  await momento.topics.publish('chat', 'room', 'own');
  momento.send('chat', 'room', 'of another');
  momento.send('chat', 'elsewhere', 'unseen');
  expect(log).toEqual(['own', 'of another']);
  expect(momento.published.map(({ value }) => value)).toEqual(['own', 'of another', 'unseen']);
});

test('tokens are renewed, and a network that fails makes a gap', async () => {
  momento.ttl = 60;
  await subscribe();
  await vi.advanceTimersByTimeAsync(300_000);
  momento.send('chat', 'room', 'one');
  momento.disconnect();
  await vi.advanceTimersByTimeAsync(100);
  momento.send('chat', 'room', 'two');
  expect(log).toEqual(['one', { after: 1 }, 'two']);
});

test('a call can be rejected, and a token refused', async () => {
  await subscribe();
  momento.reject('PERMISSION_ERROR');
  expect(log).toEqual(['PERMISSION_ERROR']);
  await expect(momento.topics.publish('chat', 'room', 'x')).rejects.toMatchObject({ code: 'PERMISSION_ERROR' });
  momento.reject(undefined);
  const denied = new FakeMomento();
  denied.refuse('denied');
  await expect(denied.source.token()).rejects.toMatchObject({ code: 'DENIED' });
  denied.close();
});

test('an outage ends', async () => {
  momento.refuse('unavailable');
  const ready = subscribe();
  await vi.advanceTimersByTimeAsync(5000);
  expect(momento.source.state).toMatchObject({ status: 'waiting', error: { code: 'UNAVAILABLE' } });
  momento.refuse(undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  expect((await ready).status).toBe('live');
});

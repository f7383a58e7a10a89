// The recipe of the README, as it stands there.
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';

let recall, remember;

beforeAll(async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const recipe = /^```js history\n([^]*?)^```$/m.exec(readme)[1];
  ({ recall, remember } = await import(`data:text/javascript,${encodeURIComponent(recipe)}`));
});

/** A cache whose calls overlap, as those of several senders do. */
function fakeCache() {
  const items = new Map();
  const later = () => new Promise(resolve => setTimeout(resolve, Math.random() * 5));
  const store = async (key, value, equal) => {
    await later();
    if (items.get(key) !== equal) return { type: 'NotStored' };
    items.set(key, value);
    return { type: 'Stored' };
  };
  return {
    get: async (_, key) => {
      const value = items.get(key);
      await later();
      return value === undefined ? { type: 'Miss', value: () => undefined } : { type: 'Hit', value: () => value };
    },
    setIfAbsent: (_, key, value) => store(key, value, undefined),
    setIfEqual: (_, key, value, equal) => store(key, value, equal),
  };
}

test('senders at the same time lose no message of the history', async () => {
  const cache = fakeCache();
  await Promise.all(Array.from({ length: 20 }, (_, i) => remember(cache, 'room', i)));
  expect((await recall(cache, 'room')).messages.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test('the last messages are kept, the oldest first', async () => {
  const cache = fakeCache();
  expect((await recall(cache, 'room')).messages).toEqual([]);
  for (const message of ['one', 'two', 'three']) await remember(cache, 'room', message, 2);
  expect((await recall(cache, 'room')).messages).toEqual(['two', 'three']);
});

test('an error of the cache is thrown', async () => {
  const failing = { get: async () => ({ type: 'Error', message: () => 'no permission' }) };
  await expect(remember(failing, 'room', 'one')).rejects.toThrow('no permission');
});

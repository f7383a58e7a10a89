import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrivals, budgetUsed, busiest, flat, idealWaits, largest, median, quantile, random, SlidingWindow, union } from '../support/figures.mjs';

test('a quantile is a value that was measured', () => {
  const values = [5, 1, 4, 2, 3];
  assert.equal(quantile(values, 0), 1);
  assert.equal(quantile(values, 0.2), 1);
  assert.equal(quantile(values, 0.21), 2);
  assert.equal(median(values), 3);
  assert.equal(quantile(values, 0.99), 5);
  assert.equal(quantile(values, 1), 5);
  assert.deepEqual(values, [5, 1, 4, 2, 3]);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test('the 99th of a hundred is the last but one', () => {
  assert.equal(quantile(Array.from({ length: 100 }, (_, i) => 100 - i), 0.99), 99);
});

test('a window admits its rate and not one more until a second after the first has passed', () => {
  const window = new SlidingWindow(5);
  for (let i = 0; i < 5; i++) assert.equal(window.admit(i), true);
  assert.equal(window.admit(999.9), false);
  assert.equal(window.admit(1000), true);
  assert.equal(window.admit(1000.5), false);
  assert.equal(window.admit(1001), true);
});

test('a refused call takes no place in the window', () => {
  const window = new SlidingWindow(1);
  assert.equal(window.admit(0), true);
  for (let now = 10; now < 1000; now += 10) assert.equal(window.admit(now), false);
  assert.equal(window.admit(1000), true);
});

test('whatever comes, no second holds more admitted calls than the rate, and no place is left empty', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const next = random(seed);
    const rate = 1 + Math.floor(next() * 8);
    const times = arrivals(Math.floor(next() * 400), 0, 20_000, next);
    const window = new SlidingWindow(rate);
    const admitted = times.filter(time => window.admit(time));
    assert.ok(busiest(admitted) <= rate, `seed ${seed}`);
    const refused = times.filter(time => !admitted.includes(time));
    for (const time of refused) {
      const before = admitted.filter(other => other <= time && time - other < 1000);
      assert.equal(before.length, rate, `seed ${seed}: ${time} was refused with room left`);
    }
  }
});

test('the busiest second is found wherever it begins, by comparison with counting from each call', () => {
  assert.equal(busiest([]), 0);
  assert.equal(busiest([0, 999, 1000, 1999, 2000]), 2);
  assert.equal(busiest([900, 950, 1000, 1050, 1899]), 5);
  for (let seed = 1; seed <= 200; seed++) {
    const next = random(seed);
    const times = arrivals(100, 0, 10_000, next);
    const counted = largest(times.map(from => times.filter(time => time >= from && time - from < 1000).length));
    assert.equal(busiest(times), counted, `seed ${seed}`);
  }
});

test('stretches that touch or overlap become one', () => {
  assert.deepEqual(union([[5, 6], [0, 2], [2, 3], [1, 2.5]]), [[0, 3], [5, 6]]);
  assert.deepEqual(union([]), []);
});

test('the budget counts only while somebody waits', () => {
  // Two seconds with somebody waiting, ten calls allowed; the call in between is nobody's.
  const waits = [[0, 1000], [5000, 6000]];
  assert.equal(budgetUsed([0, 200, 400, 600, 800, 3000, 5000, 5200, 5400, 5600], waits, 5), 0.9);
  assert.equal(budgetUsed([], waits, 5), 0);
  assert.ok(Number.isNaN(budgetUsed([1], [], 5)));
});

test('a budget left empty for a tenth of the time is used to nine tenths', () => {
  const calls = Array.from({ length: 450 }, (_, i) => i * 200);
  assert.ok(Math.abs(budgetUsed(calls, [[0, 100_000]], 5) - 0.9) < 1e-9);
});

test('the ideal wait goes by the place in the order of arrival', () => {
  assert.deepEqual(idealWaits([0, 0, 0], 5), [200, 400, 600]);
  assert.deepEqual(idealWaits([0, 100, 5000], 5), [200, 300, 200]);
});

test('growth is told from noise', () => {
  const next = random(7);
  const still = Array.from({ length: 90 }, () => 200 + next() * 10);
  assert.equal(flat(still, 0.1), true);
  assert.equal(flat(still.map((value, i) => value + i * 2), 0.1), false);
  assert.equal(flat([1], 0.1), false);
});

test('one seed gives one sequence, evenly spread', () => {
  const draw = seed => Array.from({ length: 10_000 }, random(seed));
  assert.deepEqual(draw(3).slice(0, 5), draw(3).slice(0, 5));
  assert.notDeepEqual(draw(3).slice(0, 5), draw(4).slice(0, 5));
  const values = draw(3);
  for (let tenth = 0; tenth < 10; tenth++) {
    const count = values.filter(value => Math.floor(value * 10) === tenth).length;
    assert.ok(count > 900 && count < 1100, `${count} of 10,000 in tenth ${tenth}`);
  }
});

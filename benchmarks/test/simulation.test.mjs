import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrivals, idealWaits, largest, quantile, random } from '../support/figures.mjs';
import { evenly, geometrically, simulate } from '../support/simulation.mjs';

const HOUR = 3600;
const burst = (count, within, seed = 1) => arrivals(count, 0, within, random(seed));
const NO_TRIP = [0, 0];

test('the same seed gives the same story, another one another', () => {
  const play = seed => simulate({ arrivals: burst(500, 60), life: 60, reuse: 'caller', duration: 600, seed });
  assert.deepEqual(play(1), play(1));
  assert.notDeepEqual(play(1).waits, play(2).waits);
});

test('a burst is served in the order of arrival, five a second', () => {
  const times = burst(1000, 6);
  const { waits, minted, refused } = simulate({ arrivals: times, life: HOUR, reuse: 'caller', duration: 300, trip: NO_TRIP });
  const ideal = idealWaits(times.map(time => time * 1000), 5);
  // The first five of a second go at once in the one, evenly spread in the other.
  waits.forEach((wait, i) => assert.ok(Math.abs(wait - ideal[i] / 1000) <= 1, `${i}: ${wait}, ideal ${ideal[i]}`));
  assert.equal(minted, 1000);
  assert.equal(refused, 0);
});

test('no second has more mints than the rate, whatever the audience does', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const result = simulate({ arrivals: burst(2000, 30, seed), life: 30, reuse: 'caller', duration: 300, times: evenly(300, 300), trip: NO_TRIP, seed });
    assert.ok(largest(result.used) <= 1 + 1e-9, `seed ${seed}: ${largest(result.used)}`);
    assert.equal(Math.round(result.used.reduce((sum, share) => sum + share * 5, 0)), result.minted);
  }
});

test('an audience above what the budget carries never comes to rest, one below does', () => {
  // 5/s, lives of 100 s renewed after 70 on average: 350 callers.
  const end = audience => {
    const { without, ranOut } = simulate({ arrivals: burst(audience, 200), life: 100, reuse: 'caller', duration: 4000, trip: NO_TRIP });
    return { without: without.at(-1), ranOut };
  };
  assert.deepEqual(end(300), { without: 0, ranOut: 0 });
  const beyond = end(700);
  // Each of them has a token for 100 s of every 140.
  assert.ok(beyond.without > 150 && beyond.without < 250, String(beyond.without));
  assert.ok(beyond.ranOut > 10_000, String(beyond.ranOut));
});

test('one token for everyone is minted twice a life and nobody waits for more than a call', () => {
  const { minted, waits, ranOut } = simulate({ arrivals: burst(10_000, 60), life: HOUR, reuse: 'everyone', duration: 8 * HOUR });
  assert.ok(minted >= 8 && minted <= 16, String(minted));
  assert.ok(largest(waits) < 0.05, String(largest(waits)));
  assert.equal(ranOut, 0);
});

test('instances that share a store wait as one; that divide the budget, no less; that know nothing of each other are refused', () => {
  const play = store => simulate({ arrivals: burst(1000, 6), life: HOUR, reuse: 'caller', duration: 600, instances: 3, store });
  const one = simulate({ arrivals: burst(1000, 6), life: HOUR, reuse: 'caller', duration: 600 });
  assert.deepEqual(play('shared').waits, one.waits);
  assert.equal(play('away').refused, 0);
  assert.ok(quantile(play('away').waits, 1) > 0.95 * quantile(one.waits, 1));
  assert.ok(play('none').refused > 500);
});

test('it reports at whole seconds, the last one included', () => {
  assert.deepEqual(evenly(10, 5), [2, 4, 6, 8, 10]);
  assert.deepEqual(evenly(3, 240), [1, 2, 3]);
  for (const times of [evenly(1000, 240), geometrically(1000, 240)]) {
    const { seconds, without, used } = simulate({ arrivals: burst(10, 6), life: HOUR, reuse: 'caller', duration: 1000, times });
    assert.deepEqual(seconds, times);
    assert.equal(times.at(-1), 1000);
    assert.deepEqual([without.length, used.length], [times.length, times.length]);
  }
});

test('who never got a token is not said to have waited', () => {
  const { waits, without } = simulate({ arrivals: burst(1000, 6), life: HOUR, reuse: 'caller', duration: 60 });
  const lacking = waits.filter(Number.isNaN).length;
  assert.ok(lacking > 650 && lacking < 750, String(lacking));
  assert.equal(without.at(-1), lacking);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrivals, random, SlidingWindow } from '../support/figures.mjs';
import { judgeCrowd } from '../support/judging.mjs';

const RATE = 5;

/** A burst that was served as well as can be: in the order of arrival, one each 200 ms. */
function servedWell(count, seed) {
  let free = 0;
  const at = [];
  const callers = arrivals(count, 0, 1000, random(seed)).map(arrived => {
    free = Math.max(free, arrived) + 1000 / RATE;
    at.push(free);
    return { arrived, done: free + 10, served: true, asks: 1, rejections: 0, errors: [] };
  });
  return { callers, calls: { at, admitted: at.map(() => 1) } };
}

test('a burst that was served well is found so', () => {
  const { callers, calls } = servedWell(200, 1);
  const judged = judgeCrowd(callers, calls, RATE);
  assert.equal(judged.served, 200);
  assert.equal(judged.upstreamCalls, 200);
  assert.equal(judged.upstreamRefusals, 0);
  assert.equal(judged.otherErrors, 0);
  assert.equal(judged.beyondIdeal, 0);
  assert.equal(judged.mostAsks, 1);
  assert.ok(judged.busiestSecond <= RATE);
  assert.ok(judged.budgetUsed > 0.99, String(judged.budgetUsed));
});

test('the order in which callers are given does not matter', () => {
  const { callers, calls } = servedWell(50, 2);
  assert.deepEqual(judgeCrowd([...callers].reverse(), calls, RATE), judgeCrowd(callers, calls, RATE));
});

test('one refusal at the upstream is seen', () => {
  const { callers, calls } = servedWell(50, 3);
  calls.admitted[17] = 0;
  assert.equal(judgeCrowd(callers, calls, RATE).upstreamRefusals, 1);
});

test('a caller who is overtaken for too long is seen', () => {
  const { callers, calls } = servedWell(100, 4);
  [callers[5].done, callers[90].done] = [callers[90].done, callers[5].done];
  assert.equal(judgeCrowd(callers, calls, RATE).beyondIdeal, 1);
});

test('two seconds and three tenths of the ideal are forgiven, and no more', () => {
  const { callers, calls } = servedWell(100, 5);
  const last = callers[99];
  const ideal = last.done - 10 - last.arrived;
  last.done = last.arrived + 1.3 * ideal + 1999;
  assert.equal(judgeCrowd(callers, calls, RATE).beyondIdeal, 0);
  last.done += 2;
  assert.equal(judgeCrowd(callers, calls, RATE).beyondIdeal, 1);
});

test('a caller who was never served is beyond the ideal, waits to the end, and is not served', () => {
  const { callers, calls } = servedWell(100, 6);
  Object.assign(callers[0], { served: false, done: callers[0].arrived + 5, errors: ['500'] });
  const judged = judgeCrowd(callers, calls, RATE);
  assert.equal(judged.served, 99);
  assert.equal(judged.beyondIdeal, 1);
  assert.equal(judged.otherErrors, 1);
  assert.deepEqual(judged.errorKinds, { 500: 1 });
  assert.ok(Number.isNaN(judged.samples.waits[0]));
});

test('budget that nobody used while callers waited is missed', () => {
  const { callers, calls } = servedWell(100, 7);
  // A pause of five seconds in the middle.
  const pause = time => (time > 10_000 ? time + 5000 : time);
  calls.at = calls.at.map(pause);
  callers.forEach(caller => (caller.done = pause(caller.done)));
  const { budgetUsed } = judgeCrowd(callers, calls, RATE);
  assert.ok(Math.abs(budgetUsed - 20 / 25) < 0.01, String(budgetUsed));
});

test('a burst without a budget of its own is refused by the rule, and that is counted', () => {
  const window = new SlidingWindow(RATE);
  const at = arrivals(300, 0, 3000, random(8));
  const admitted = at.map(time => (window.admit(time) ? 1 : 0));
  const callers = at.map((time, i) => ({ arrived: time, done: time + 5, served: admitted[i] === 1, asks: 1, rejections: 0, errors: admitted[i] ? [] : ['500'] }));
  const judged = judgeCrowd(callers, { at, admitted }, RATE);
  assert.ok(judged.served >= 15 && judged.served <= 20, String(judged.served));
  assert.equal(judged.upstreamRefusals, 300 - judged.served);
  assert.ok(judged.busiestSecond > 50);
});

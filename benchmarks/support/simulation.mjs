// What becomes of an audience before a machine with a budget: a model of single callers, pure, and the same for the same seed.
//
// A caller asks when he arrives, and again after `refresh[0]` to `refresh[1]` of the life that his token has left, as
// `refreshAfter` tells him. Who must have a token minted waits in the order of asking; a caller who is told to come back keeps his
// place, so that when he asks again does not matter. The budget is counted as the machine counts it: it has `rate` places, and a
// place is free again one second after the answer to the call that took it.
//
// Left out: limits a caller or an address, callers who leave, failures of the token service, and the whole seconds of Retry-After,
// which cost a caller a second or two now and then.
import { random } from './figures.mjs';

/**
 * Plays `duration` whole seconds, and reports at `times`, whole seconds in order; else at 240 of them, evenly.
 *
 * - `arrivals`: when each caller asks first, in seconds, in order; `life` of a token in seconds, at least 4.
 * - `reuse`: `never` and `caller` mint for each asking of this model; with `everyone` there is one token for all, minted anew for the
 *   first who asks when less than half its life is left.
 * - `rate`: tokens a second that the account may mint; `trip`: how long a call takes there and back, in seconds, least and most.
 * - `instances`, each asked by callers at random. `store: 'shared'`: they count together. `'away'`: each has rate ÷ instances, and
 *   a token for everyone of its own. `'none'`: each takes the whole rate for itself, and the account's own rule refuses what is over.
 *
 * Gives for each of these times: `seconds`; `without`, callers who wait then and hold no living token; `renewing`, who wait and still hold
 * one; `used`, the part of the budget that was used since the time before (0…1). And of the whole: `minted`;
 * `refused` by the account; `ranOut`, how often a token ended before its holder got the next; `waits`, seconds from each caller's
 * arrival to his first token, NaN for one who got none.
 */
export function simulate(options) {
  const { arrivals, life, reuse, duration } = options;
  const { rate = 5, trip = [0.002, 0.04], refresh = [0.5, 0.9], instances = 1, store = 'shared', seed = 1 } = options;
  const times = options.times ?? evenly(duration, 240);
  if (!(life >= 4)) throw new Error('a life below 4 s');
  const next = random(seed);
  const between = ([least, most]) => least + next() * (most - least);
  const series = { seconds: [], without: [], renewing: [], used: [] };
  let mintedBefore = 0;
  const totals = { minted: 0, refused: 0, ranOut: 0 };

  const asked = new Float64Array(arrivals.length);
  const served = new Float64Array(arrivals.length).fill(NaN);
  const ends = new Float64Array(arrivals.length).fill(-1);
  const diary = new Diary(Math.ceil(duration), arrivals);
  const counters = store === 'shared' ? 1 : instances;
  const lanes = Array.from({ length: counters }, () => new Lane(rate, store === 'away' ? instances : 1, arrivals.length));
  const account = new Lane(rate, 1, 0);
  const tokensForAll = lanes.map(() => ({ from: 0, end: -1 }));

  function hand(caller, now, end) {
    if (Number.isNaN(served[caller])) served[caller] = now;
    else if (ends[caller] < now) totals.ranOut++;
    ends[caller] = end;
    diary.write(caller, now + (end - now) * between(refresh));
  }

  /** Calls for those who wait in a lane, as often as it has a free place before `end`. */
  function serve(lane, end) {
    while (lane.length > 0) {
      const place = lane.freeFirst();
      const now = Math.max(lane.freeAt[place], asked[lane.first()]);
      if (now >= end) return;
      const answer = now + between(trip);
      lane.freeAt[place] = answer + lane.pause;
      if (store === 'none') {
        const granted = account.freeFirst();
        if (account.freeAt[granted] > now) {
          totals.refused++;
          continue;
        }
        account.freeAt[granted] = now + 1;
      }
      totals.minted++;
      hand(lane.take(), answer, answer + life);
    }
  }

  function handOneForAll(caller, now, token) {
    if (token.end - now < life / 2) {
      totals.minted++;
      token.from = now + between(trip);
      token.end = token.from + life;
    }
    hand(caller, Math.max(now, token.from), token.end);
  }

  for (let second = 0; second < duration; second++) {
    for (const caller of diary.read(second)) {
      const now = diary.due[caller];
      const lane = counters === 1 ? 0 : Math.floor(next() * counters);
      asked[caller] = now;
      if (reuse === 'everyone') {
        handOneForAll(caller, now, tokensForAll[lane]);
      } else {
        serve(lanes[lane], now);
        lanes[lane].join(caller);
      }
    }
    for (const lane of lanes) serve(lane, second + 1);
    if (times[series.seconds.length] === second + 1) {
      let without = 0;
      let renewing = 0;
      for (const lane of lanes) {
        lane.forEach(caller => (ends[caller] < second + 1 ? without++ : renewing++));
      }
      const stretch = second + 1 - (series.seconds.at(-1) ?? 0);
      series.seconds.push(second + 1);
      series.without.push(without);
      series.renewing.push(renewing);
      series.used.push((totals.minted - mintedBefore) / (rate * stretch));
      mintedBefore = totals.minted;
    }
  }
  return { ...series, ...totals, waits: arrivals.map((arrival, i) => served[i] - arrival) };
}

/** At most `count` whole seconds from 1 to `duration`, the last one included. */
export function evenly(duration, count) {
  const points = Math.min(count, duration);
  return Array.from({ length: points }, (_, i) => Math.round(((i + 1) * duration) / points));
}

/** Likewise, each about as many times the one before. */
export function geometrically(duration, count) {
  const times = Array.from({ length: count }, (_, i) => Math.round(duration ** (i / (count - 1))));
  return [...new Set(times)];
}

/** Who waits for one counter of the budget, and when its places are free. */
class Lane {
  #queue;
  #head = 0;
  length = 0;

  constructor(rate, pause, size) {
    this.pause = pause;
    this.freeAt = new Float64Array(rate).fill(-Infinity);
    this.#queue = new Int32Array(size);
  }

  freeFirst() {
    let first = 0;
    for (let i = 1; i < this.freeAt.length; i++) if (this.freeAt[i] < this.freeAt[first]) first = i;
    return first;
  }

  first() {
    return this.#queue[this.#head];
  }

  join(caller) {
    this.#queue[(this.#head + this.length) % this.#queue.length] = caller;
    this.length++;
  }

  take() {
    const caller = this.#queue[this.#head];
    this.#head = (this.#head + 1) % this.#queue.length;
    this.length--;
    return caller;
  }

  forEach(use) {
    for (let i = 0; i < this.length; i++) use(this.#queue[(this.#head + i) % this.#queue.length]);
  }
}

/** When each caller asks next: one entry a caller, found by the second it lies in. */
class Diary {
  #heads;
  #nexts;

  constructor(seconds, arrivals) {
    this.#heads = new Int32Array(seconds).fill(-1);
    this.#nexts = new Int32Array(arrivals.length);
    this.due = new Float64Array(arrivals.length);
    arrivals.forEach((arrival, caller) => this.write(caller, arrival));
  }

  write(caller, time) {
    this.due[caller] = time;
    const second = Math.floor(time);
    if (second >= this.#heads.length) return;
    this.#nexts[caller] = this.#heads[second];
    this.#heads[second] = caller;
  }

  read(second) {
    const callers = [];
    for (let caller = this.#heads[second]; caller !== -1; caller = this.#nexts[caller]) callers.push(caller);
    return callers.sort((a, b) => this.due[a] - this.due[b] || a - b);
  }
}

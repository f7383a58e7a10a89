// A model of an audience in front of a server with a rate budget: single callers, pure, and the same for the same seed.
//
// A caller requests a token when they arrive, and again after `refresh[0]` to `refresh[1]` of their token's remaining lifetime, as
// `refreshAfter` says. Callers whose token must be minted wait in the order of their requests. A rejected caller keeps their position,
// so the time of their next request does not matter. The budget is counted as the server counts it: it has `rate` slots, and a slot is
// free again one second after the response to the call that took it.
//
// Not modeled: limits per caller or address, callers who leave, failures of the token service, and the whole seconds of Retry-After,
// which occasionally cost a caller a second or two.
import { random } from './figures.mjs';

/**
 * Simulates `duration` whole seconds, and reports at `times`, whole seconds in order; by default at 240 of them, evenly.
 *
 * - `arrivals`: when each caller requests first, in seconds, in order; `life`: the token lifetime in seconds, at least 4.
 * - `reuse`: `never` and `caller` mint for each request of this model; with `everyone` there is one token for all, minted again for
 *   the first request when less than half of its lifetime is left.
 * - `rate`: tokens per second that the account can mint; `trip`: how long a call takes there and back, in seconds, least and most.
 * - `instances`: callers choose one at random. `store: 'shared'`: they count together. `'away'`: each has rate ÷ instances, and its own
 *   token for everyone. `'none'`: each uses the whole rate, and the account's limit rejects the excess.
 *
 * Returns for each of these times: `seconds`; `without`, waiting callers without a valid token; `renewing`, waiting callers with one;
 * `used`, the used part of the budget since the time before (0…1). And in total: `minted`; `refused` by the account; `ranOut`, how
 * often a token expired before its holder received the next; `waits`, seconds from each caller's arrival to their first token, NaN
 * for one who received none.
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

  /** Makes calls for the callers of a lane, as often as it has a free slot before `end`. */
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

/** Returns at most `count` whole seconds from 1 to `duration`, including the last one. */
export function evenly(duration, count) {
  const points = Math.min(count, duration);
  return Array.from({ length: points }, (_, i) => Math.round(((i + 1) * duration) / points));
}

/** Returns such seconds, each about the same multiple of the one before. */
export function geometrically(duration, count) {
  const times = Array.from({ length: count }, (_, i) => Math.round(duration ** (i / (count - 1))));
  return [...new Set(times)];
}

/** The callers that wait for one counter of the budget, and when its slots are free. */
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

/** When each caller requests next: one entry per caller, indexed by its second. */
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

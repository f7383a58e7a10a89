// What is said of measured numbers. Every function is pure: times are milliseconds on one clock that never goes back.

/**
 * The smallest value that at least the share `q` (0…1) of the values does not exceed: nearest rank, so that it is a value
 * that was measured. NaN for no values.
 */
export function quantile(values, q) {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
}

export const median = values => quantile(values, 0.5);

/** The largest value, without the limit on arguments that Math.max(...) has; -Infinity for none. */
export const largest = values => values.reduce((most, value) => (value > most ? value : most), -Infinity);

/**
 * Momento's rule: at most `rate` calls are admitted in any `window` milliseconds, wherever they begin. A refused call takes
 * no place.
 */
export class SlidingWindow {
  #admitted = [];

  constructor(rate, window = 1000) {
    this.rate = rate;
    this.window = window;
  }

  /** Whether a call that arrives at `now` is admitted; calls are asked about in the order of arrival. */
  admit(now) {
    while (this.#admitted.length > 0 && now - this.#admitted[0] >= this.window) this.#admitted.shift();
    if (this.#admitted.length >= this.rate) return false;
    this.#admitted.push(now);
    return true;
  }
}

/** The most of `times` that lie in any half-open stretch of `window` milliseconds: a second opinion on what was admitted. */
export function busiest(times, window = 1000) {
  const sorted = Float64Array.from(times).sort();
  let first = 0;
  let most = 0;
  for (let last = 0; last < sorted.length; last++) {
    while (sorted[last] - sorted[first] >= window) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** The stretches of time that at least one of the intervals [from, until] covers, in order and apart. */
export function union(intervals) {
  const merged = [];
  for (const [from, until] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const open = merged.at(-1);
    if (open !== undefined && from <= open[1]) open[1] = Math.max(open[1], until);
    else merged.push([from, until]);
  }
  return merged;
}

/**
 * The share of the budget that was used while anybody waited: admitted calls that arrived in a stretch of time in which
 * somebody waited, of the calls that `rate` a second allows in those stretches. A sliding second lets `rate` calls through at
 * once, so that a run of a few seconds could pass 1: it is cut there.
 */
export function budgetUsed(admittedTimes, waits, rate) {
  const stretches = union(waits);
  const allowed = stretches.reduce((sum, [from, until]) => sum + ((until - from) / 1000) * rate, 0);
  const used = admittedTimes.filter(time => stretches.some(([from, until]) => time >= from && time <= until)).length;
  return allowed === 0 ? NaN : Math.min(1, used / allowed);
}

/**
 * How long each caller must wait when `rate` tokens a second are handed out in the order of arrival, one each 1/rate seconds,
 * and none is wasted: from his arrival until his place in the order comes up. `arrivals` is sorted; callers who come while
 * nobody waits start the count anew.
 */
export function idealWaits(arrivals, rate) {
  let free = -Infinity;
  return arrivals.map(arrival => {
    free = Math.max(free, arrival) + 1000 / rate;
    return free - arrival;
  });
}

/**
 * Whether `values`, samples at equal distances, do not grow: the median of the last third is above the median of the middle
 * third by no more than `tolerance` (0…1) of it.
 */
export function flat(values, tolerance) {
  const third = Math.floor(values.length / 3);
  return third > 0 && median(values.slice(-third)) <= median(values.slice(third, 2 * third)) * (1 + tolerance);
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` arrivals, independent of each other, in the `length` milliseconds after `from`, in order. */
export function arrivals(count, from, length, next) {
  return Array.from({ length: count }, () => from + next() * length).sort((a, b) => a - b);
}

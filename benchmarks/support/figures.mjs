// Statistics of measured numbers. Every function is pure; times are milliseconds on one monotonic clock.

/**
 * Returns the smallest value that at least the share `q` (0…1) of the values does not exceed (nearest rank, so a
 * measured value). NaN for no values.
 */
export function quantile(values, q) {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
}

export const median = values => quantile(values, 0.5);

/** Returns the largest value, for more values than Math.max(...) accepts; -Infinity for none. */
export const largest = values => values.reduce((most, value) => (value > most ? value : most), -Infinity);

/** Momento's rule: at most `rate` calls in any `window` milliseconds. A rejected call does not count. */
export class SlidingWindow {
  #admitted = [];

  constructor(rate, window = 1000) {
    this.rate = rate;
    this.window = window;
  }

  /** Whether a call that arrives at `now` is admitted; calls must be given in the order of arrival. */
  admit(now) {
    while (this.#admitted.length > 0 && now - this.#admitted[0] >= this.window) this.#admitted.shift();
    if (this.#admitted.length >= this.rate) return false;
    this.#admitted.push(now);
    return true;
  }
}

/**
 * Returns the most of `times` in any half-open interval of `window` milliseconds, as an independent check of what was
 * admitted.
 */
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

/** Returns the union of the intervals [from, until] as disjoint intervals, in order. */
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
 * Returns the share of the budget that was used while callers waited: admitted calls in that time, divided by the
 * calls that `rate` per second allows in it. A sliding second admits `rate` calls at once, so a run of a few seconds
 * could exceed 1 and is cut there.
 */
export function budgetUsed(admittedTimes, waits, rate) {
  const stretches = union(waits);
  const allowed = stretches.reduce((sum, [from, until]) => sum + ((until - from) / 1000) * rate, 0);
  const used = admittedTimes.filter(time => stretches.some(([from, until]) => time >= from && time <= until)).length;
  return allowed === 0 ? NaN : Math.min(1, used / allowed);
}

/**
 * Returns the ideal wait of each caller: `rate` tokens per second in the order of arrival, one each 1/rate seconds,
 * none wasted. `arrivals` is sorted; a caller that arrives while none waits starts the count anew.
 */
export function idealWaits(arrivals, rate) {
  let free = -Infinity;
  return arrivals.map(arrival => {
    free = Math.max(free, arrival) + 1000 / rate;
    return free - arrival;
  });
}

/**
 * Whether samples at equal intervals do not grow: the median of the last third exceeds that of the middle third by at
 * most `tolerance` (0…1) of it.
 */
export function flat(values, tolerance) {
  const third = Math.floor(values.length / 3);
  return third > 0 && median(values.slice(-third)) <= median(values.slice(third, 2 * third)) * (1 + tolerance);
}

/** Random numbers from 0 to 1, the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` independent arrivals in the `length` milliseconds after `from`, in order. */
export function arrivals(count, from, length, next) {
  return Array.from({ length: count }, () => from + next() * length).sort((a, b) => a - b);
}

// What is held against a crowd that was served: pure functions of what its callers and the upstream wrote down.
import { budgetUsed, busiest, idealWaits, largest, median, quantile } from './figures.mjs';

/** How much longer than ideal a caller may wait for his place: this many times the ideal, and this many milliseconds. */
export const WAIT_FACTOR = 1.3;
export const WAIT_GRACE_MS = 2000;

/**
 * The figures of one crowd. `callers` are results of call() in any order, `calls` is the upstream's log and `rate` its limit
 * a second.
 *
 * - `served`: callers who got a token.
 * - `upstreamCalls`, `upstreamRefusals`: all calls that reached the upstream, and those that it refused, by its own count.
 * - `busiestSecond`: the most calls, refused ones too, in any second, counted anew from the times.
 * - `otherErrors`: answers that were neither a token nor a 503 with a Retry-After of whole seconds; no answer is one of them.
 * - `budgetUsed` (0…1): admitted calls ÷ (rate × time), over the time in which anybody waited. A caller waits from his
 *   arrival until he has his token, also while he was told to come back later; one who never got a token waits to the end.
 * - `wait…Ms`: from arrival to token, over those served.
 * - `beyondIdeal`: callers who were not served, or waited more than 1.3 × the ideal wait for their place in the order of
 *   arrival and 2 s; `worstOfIdeal` is the largest (wait − 2 s) ÷ ideal.
 * - `mostAsks`, `meanAsks`: requests a caller.
 */
export function judgeCrowd(callers, calls, rate) {
  const ordered = [...callers].sort((a, b) => a.arrived - b.arrived);
  const ideal = idealWaits(ordered.map(caller => caller.arrived), rate);
  const waits = ordered.map(caller => (caller.served ? caller.done - caller.arrived : NaN));
  const servedWaits = waits.filter(wait => !Number.isNaN(wait));
  const end = largest(ordered.map(caller => caller.done));
  const asks = ordered.map(caller => caller.asks);
  const over = waits.map((wait, i) => (wait - WAIT_GRACE_MS) / ideal[i]);
  return {
    callers: ordered.length,
    served: servedWaits.length,
    upstreamCalls: calls.at.length,
    upstreamRefusals: calls.admitted.filter(admitted => !admitted).length,
    busiestSecond: busiest(calls.at),
    otherErrors: ordered.reduce((sum, caller) => sum + caller.errors.length, 0),
    errorKinds: count(ordered.flatMap(caller => caller.errors)),
    budgetUsed: budgetUsed(
      calls.at.filter((_, i) => calls.admitted[i]),
      ordered.map(caller => [caller.arrived, caller.served ? caller.done : end]),
      rate,
    ),
    seconds: (end - ordered[0].arrived) / 1000,
    waitMedianMs: median(servedWaits),
    waitP99Ms: quantile(servedWaits, 0.99),
    waitMostMs: largest(servedWaits),
    idealMostMs: largest(ideal),
    beyondIdeal: over.filter(ratio => !(ratio <= WAIT_FACTOR)).length,
    worstOfIdeal: largest(over.filter(ratio => !Number.isNaN(ratio))),
    mostAsks: largest(asks),
    meanAsks: asks.reduce((sum, one) => sum + one, 0) / asks.length,
    samples: { waits, ideal, asks },
  };
}

function count(words) {
  const counts = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

// Judges a burst by the records of its callers and of the token service. All functions are pure.
import { budgetUsed, busiest, idealWaits, largest, median, quantile } from './figures.mjs';

/** The accepted wait: this many times the ideal, and this many milliseconds. */
export const WAIT_FACTOR = 1.3;
export const WAIT_GRACE_MS = 2000;

/**
 * Returns the figures of one burst. `callers` are results of call() in any order, `calls` is the token service's log, and `rate` its
 * limit per second.
 *
 * - `served`: callers who received a token.
 * - `upstreamCalls`, `upstreamRefusals`: all calls that reached the token service, and those that it rejected, by its own count.
 * - `busiestSecond`: the most calls, including rejected ones, in any second, computed from the times.
 * - `otherErrors`: responses that were neither a token nor a 503 with a Retry-After of whole seconds, and missing responses.
 * - `budgetUsed` (0…1): admitted calls ÷ (rate × time), over the time in which callers waited. A caller waits from their arrival to
 *   their token, including the time until Retry-After; one who never received a token waits to the end.
 * - `wait…Ms`: from arrival to token, of the callers served.
 * - `beyondIdeal`: callers who were not served, or waited longer than 1.3 × the ideal wait in the order of arrival plus 2 s;
 *   `worstOfIdeal` is the largest (wait − 2 s) ÷ ideal.
 * - `mostAsks`, `meanAsks`: requests per caller.
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

package tokenvending.budget;

import java.time.Duration;
import java.util.Optional;
import tokenvending.limits.Rate;

/**
 * The rate budget of the account.
 *
 * @param rate the most calls in any sliding period, without an additional burst
 * @param maxWait how long a caller can wait in the queue before it is rejected with {@code
 *     Retry-After}
 * @param longestCall the longest time from granting a slot to the end of its call
 * @param maxInstances the most processes that share the budget; if absent, or larger than the
 *     number of slots, nothing is granted while the shared state is unavailable
 */
public record BudgetTerms(
    Rate rate, Duration maxWait, Duration longestCall, Optional<Integer> maxInstances) {
  /** The budget of one process, or of an unknown number of processes. */
  public BudgetTerms(Rate rate, Duration maxWait, Duration longestCall) {
    this(rate, maxWait, longestCall, Optional.empty());
  }

  public int slots() {
    return rate.count();
  }

  public Duration window() {
    return rate.per();
  }
}

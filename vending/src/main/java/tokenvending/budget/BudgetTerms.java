package tokenvending.budget;

import java.time.Duration;
import java.util.Optional;
import tokenvending.limits.Rate;

/**
 * The rate budget of the account.
 *
 * @param rate so many calls in any sliding period, no burst on top
 * @param maxWait how long a caller may wait in the queue before the answer is {@code Retry-After}
 * @param longestCall how long after a slot was granted its call is over, answered or not
 * @param maxInstances how many processes share the budget, at most; where it is absent, or larger
 *     than the number of slots, nothing is granted while the shared state is unavailable
 */
public record BudgetTerms(
    Rate rate, Duration maxWait, Duration longestCall, Optional<Integer> maxInstances) {
  /** The budget of one process, or of an unknown number. */
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

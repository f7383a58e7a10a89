package tokenvending.budget;

import java.time.Duration;
import tokenvending.limits.Rate;

/**
 * What the file says about the budget.
 *
 * @param rate so many calls in any sliding period, no burst on top
 * @param maxWait how long somebody may wait in line before he is told when to come back
 * @param longestCall how long after a turn was granted its call is over, answered or not
 */
public record BudgetTerms(Rate rate, Duration maxWait, Duration longestCall) {
  public int slots() {
    return rate.count();
  }

  public Duration window() {
    return rate.per();
  }
}

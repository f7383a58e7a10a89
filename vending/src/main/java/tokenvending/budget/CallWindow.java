package tokenvending.budget;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The calls of this process that count against the rate budget: each from the moment its slot was
 * granted until one period after it ended. It outlives every change of the configuration, so that
 * two queues, or two budgets, that overlap during a change never exceed the budget together.
 * Thread-safe.
 */
public final class CallWindow {
  private final LongSupplier nanoTime;

  /** By ticket, the time from which a call no longer counts. At most one entry for each slot. */
  private final Map<String, Long> countsUntil = new HashMap<>();

  private BudgetTerms terms;

  /**
   * Starts empty.
   *
   * @param terms the budget in force
   * @param nanoTime a monotonic clock, in nanoseconds
   */
  public CallWindow(BudgetTerms terms, LongSupplier nanoTime) {
    this.terms = terms;
    this.nanoTime = nanoTime;
  }

  /** Puts another budget in force, for calls that were queued under the previous one too. */
  public synchronized void use(BudgetTerms changed) {
    terms = changed;
  }

  /**
   * Counts a call, where the budget has room for it.
   *
   * @param ticket names the call, unique in this process
   * @param grantedAt when its slot was granted at the earliest, as {@code nanoTime} counts
   * @return 0 where the call was counted, else the nanoseconds until there may be room
   */
  synchronized long start(String ticket, long grantedAt) {
    long now = nanoTime.getAsLong();
    countsUntil.values().removeIf(until -> until - now <= 0);
    if (countsUntil.size() < terms.slots()) {
      long longest = terms.longestCall().plus(terms.window()).toNanos();
      countsUntil.put(ticket, grantedAt + longest);
      return 0;
    }
    return countsUntil.values().stream().mapToLong(until -> until - now).min().orElse(1);
  }

  /** The call ended: it counts for one more period. */
  synchronized void ended(String ticket) {
    countsUntil.computeIfPresent(
        ticket, (call, until) -> nanoTime.getAsLong() + terms.window().toNanos());
  }

  /** The call was not made: it does not count. */
  synchronized void unused(String ticket) {
    countsUntil.remove(ticket);
  }
}

package tokenvending.budget;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Counts this process's calls against the rate budget, each from the moment its slot was granted
 * until one period after it ended. It survives reloads, so that two queues or budgets that overlap
 * during a reload never exceed the budget together. Thread-safe.
 */
public final class CallWindow {
  private final LongSupplier nanoTime;

  /** Calls in progress: the time by ticket at which a call that never ends stops counting. */
  private final Map<String, Long> underWay = new HashMap<>();

  /** When each ended call stops counting, the earliest first. */
  private final PriorityQueue<Long> ended =
      new PriorityQueue<>((one, other) -> Long.signum(one - other));

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

  /** Applies a changed budget, also to calls that are already queued. */
  public synchronized void use(BudgetTerms changed) {
    terms = changed;
  }

  /**
   * Counts a call if the budget has room for it.
   *
   * @param ticket identifies the call, unique in this process
   * @param grantedAt the earliest time at which its slot can have been granted, in {@code nanoTime}
   *     units
   * @return 0 if the call was counted, else the nanoseconds until there can be room
   */
  synchronized long start(String ticket, long grantedAt) {
    long now = nanoTime.getAsLong();
    while (!ended.isEmpty() && ended.element() - now <= 0) {
      ended.remove();
    }
    if (full()) {
      // Only occasionally: a large budget has thousands of calls in progress.
      underWay.values().removeIf(until -> until - now <= 0);
    }
    if (full()) {
      return Stream.concat(ended.stream().limit(1), underWay.values().stream())
          .mapToLong(until -> until - now)
          .min()
          .orElse(1);
    }
    long longest = terms.longestCall().plus(terms.window()).toNanos();
    underWay.put(ticket, grantedAt + longest);
    return 0;
  }

  private boolean full() {
    return underWay.size() + ended.size() >= terms.slots();
  }

  /** Reports that the call ended: it counts for one more period. */
  synchronized void ended(String ticket) {
    if (underWay.remove(ticket) != null) {
      ended.add(nanoTime.getAsLong() + terms.window().toNanos());
    }
  }

  /** Reports that the call was not made: it no longer counts. */
  synchronized void release(String ticket) {
    underWay.remove(ticket);
  }
}

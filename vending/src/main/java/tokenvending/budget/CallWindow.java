package tokenvending.budget;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The calls of this process that count against the rate budget: each from the moment its slot was
 * granted until one period after it ended. It outlives every change of the configuration, so that
 * two queues, or two budgets, that overlap during a change never exceed the budget together.
 * Thread-safe.
 */
public final class CallWindow {
  private final LongSupplier nanoTime;

  /** Calls under way: by ticket, the time from which a call that never ends no longer counts. */
  private final Map<String, Long> underWay = new HashMap<>();

  /** When each call that ended no longer counts, the earliest first. */
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
    while (!ended.isEmpty() && ended.element() - now <= 0) {
      ended.remove();
    }
    if (full()) {
      // Not at each call: a large budget has thousands under way.
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

  /** The call ended: it counts for one more period. */
  synchronized void ended(String ticket) {
    if (underWay.remove(ticket) != null) {
      ended.add(nanoTime.getAsLong() + terms.window().toNanos());
    }
  }

  /** The call was not made: it does not count. */
  synchronized void release(String ticket) {
    underWay.remove(ticket);
  }
}

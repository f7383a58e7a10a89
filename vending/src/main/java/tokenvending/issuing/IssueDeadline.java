package tokenvending.issuing;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When the answer to one request must be there: nine seconds after it began, the wait for a permit
 * included, and a shorter time after the first permit, retries included. For one thread.
 */
public final class IssueDeadline {
  /** From the first permit. Leaves a caller with a limit of ten seconds time to queue. */
  public static final Duration USUAL = Duration.ofSeconds(4);

  private static final Duration LONGEST = Duration.ofSeconds(9);

  private final Duration afterPermit;
  private final LongSupplier nanoTime;
  private long end;
  private boolean acquired;

  /**
   * Begins now.
   *
   * @param afterPermit the time from the first permit on, such as {@link #USUAL}
   * @param nanoTime a clock that never steps
   */
  public IssueDeadline(Duration afterPermit, LongSupplier nanoTime) {
    this.afterPermit = afterPermit;
    this.nanoTime = nanoTime;
    this.end = nanoTime.getAsLong() + LONGEST.toNanos();
  }

  /** A permit was acquired: the first one shortens the time. */
  public void permitAcquired() {
    if (!acquired) {
      acquired = true;
      long now = nanoTime.getAsLong();
      end = now + Math.min(end - now, afterPermit.toNanos());
    }
  }

  /** The time that is left, never negative. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, end - nanoTime.getAsLong()));
  }
}

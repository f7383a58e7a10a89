package tokenvending.issuing;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The deadline of one request: nine seconds from its start, and a shorter time from its first
 * permit, retries included. Not thread-safe.
 */
public final class IssueDeadline {
  /**
   * The time from the first permit. It leaves a caller with a timeout of ten seconds time to queue.
   */
  public static final Duration USUAL = Duration.ofSeconds(4);

  private static final Duration LONGEST = Duration.ofSeconds(9);

  private final Duration afterPermit;
  private final LongSupplier nanoTime;
  private long end;
  private boolean acquired;

  /**
   * Starts now.
   *
   * @param afterPermit the time from the first permit, such as {@link #USUAL}
   * @param nanoTime a monotonic clock
   */
  public IssueDeadline(Duration afterPermit, LongSupplier nanoTime) {
    this.afterPermit = afterPermit;
    this.nanoTime = nanoTime;
    this.end = nanoTime.getAsLong() + LONGEST.toNanos();
  }

  /** Reports that a permit was acquired; the first one starts the shorter time. */
  public void permitAcquired() {
    if (!acquired) {
      acquired = true;
      long now = nanoTime.getAsLong();
      end = now + Math.min(end - now, afterPermit.toNanos());
    }
  }

  /** The time since the deadline; zero before it. */
  public Duration overdue() {
    return Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - end));
  }

  /** The remaining time, never negative. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, end - nanoTime.getAsLong()));
  }
}

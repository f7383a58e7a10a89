package tokenvending.momentolocal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that runs, and that can be set forward, so that a test of expiry needs no waiting. */
public final class AdjustableClock implements InstantSource {

  private static final Duration MAX = Duration.ofDays(3_650);

  private final InstantSource running;
  private Duration ahead = Duration.ZERO;

  /** Runs with another clock, such as that of {@link MomentoLocalOptions#defaults()}. */
  public AdjustableClock(InstantSource running) {
    this.running = running;
  }

  @Override
  public synchronized Instant instant() {
    return running.instant().plus(ahead);
  }

  /**
   * Sets the clock forward.
   *
   * @throws IllegalArgumentException for a negative time, and if the clock would be more than 3,650
   *     days ahead
   */
  public synchronized void advance(Duration by) {
    // Each alone first, because the sum of two long durations overflows.
    if (by.isNegative() || by.compareTo(MAX) > 0 || ahead.plus(by).compareTo(MAX) > 0) {
      throw new IllegalArgumentException("a clock goes forward, at most 3650 days");
    }
    ahead = ahead.plus(by);
  }

  /** Shows the time of the other clock again. */
  public synchronized void reset() {
    ahead = Duration.ZERO;
  }
}

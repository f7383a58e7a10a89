package tokenvending.aws;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;

/**
 * Compares this machine's clock with AWS's, from the {@code Date} header of each response, in whole
 * seconds. Every response shows a difference of more than 1.25 s, and some responses show a smaller
 * one.
 */
final class ClockCheck {
  /**
   * The tolerated difference. A smaller one is covered by {@link Slots#MARGIN} and the network's
   * delay.
   */
  private static final Duration TOLERANCE = Duration.ofMillis(250);

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final InstantSource clock;
  private volatile boolean off;

  ClockCheck(InstantSource clock) {
    this.clock = clock;
  }

  /** Whether the last response showed a difference. */
  boolean isOff() {
    return off;
  }

  Instant now() {
    return clock.instant();
  }

  /** Records a response to a request that was sent at this time. */
  void received(String date, Instant sent) {
    off = isOff(date, sent, clock.instant());
  }

  /** Whether no moment between sending and receiving can have been in that second. */
  static boolean isOff(String date, Instant sent, Instant received) {
    try {
      Instant second = DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from);
      return second.isAfter(received.plus(TOLERANCE))
          || second.plus(SECOND).isBefore(sent.minus(TOLERANCE));
    } catch (DateTimeException e) {
      // The response is not from the table, or has no valid date.
      return false;
    }
  }
}

package tokenvending.aws;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;

/**
 * Compares this machine's clock with the one of AWS, which every response has in its {@code Date}
 * header, in whole seconds. A clock that is a little off is noticed by some answers only, one that
 * is off by more than a second and a quarter by each.
 */
final class ClockCheck {
  /** Less is not worth going without the table: {@link Slots#MARGIN} and the way to Momento. */
  private static final Duration TOLERANCE = Duration.ofMillis(250);

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final InstantSource clock;
  private volatile boolean off;

  ClockCheck(InstantSource clock) {
    this.clock = clock;
  }

  /** What the last answer said. */
  boolean isOff() {
    return off;
  }

  Instant now() {
    return clock.instant();
  }

  /** The answer to what was sent then has come. */
  void received(String date, Instant sent) {
    off = isOff(date, sent, clock.instant());
  }

  /** Whether no moment between the two can have been in that second. */
  static boolean isOff(String date, Instant sent, Instant received) {
    try {
      Instant second = DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from);
      return second.isAfter(received.plus(TOLERANCE))
          || second.plus(SECOND).isBefore(sent.minus(TOLERANCE));
    } catch (DateTimeException e) {
      // Not the table's response, or no judge of clocks.
      return false;
    }
  }
}

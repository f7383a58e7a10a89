package tokenvending.server.http;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Polls a condition. */
final class Polling {
  private static final int POLL_MILLIS = 10;

  private Polling() {}

  /** Returns when the condition holds, after the given time, or when interrupted. */
  static void until(BooleanSupplier condition, Duration atMost) {
    try {
      for (long waited = 0;
          !condition.getAsBoolean() && waited < atMost.toMillis();
          waited += POLL_MILLIS) {
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package tokenvending.auditlog;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what another thread does. */
final class Waiting {
  private Waiting() {}

  /** Fails where the condition does not hold within 20 s. */
  static void until(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("it did not happen within 20 s");
      }
      Thread.sleep(5);
    }
  }
}

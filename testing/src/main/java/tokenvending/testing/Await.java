package tokenvending.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions that other threads and processes cause. No test sleeps in any other way. */
public final class Await {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration INTERVAL = Duration.ofMillis(5);

  private Await() {}

  /** Waits until the condition holds. Throws an {@link AssertionError} after a minute. */
  public static void until(String what, BooleanSupplier condition) {
    until(what, TIMEOUT, condition);
  }

  /** Waits until the condition holds. Throws an {@link AssertionError} after this time. */
  public static void until(String what, Duration timeout, BooleanSupplier condition) {
    if (!within(timeout, condition)) {
      throw new AssertionError("not within " + timeout + ": " + what);
    }
  }

  /**
   * Lets time pass, or less where the thread is interrupted. Not to wait for something: only where
   * a client keeps a pace, a network is slow, or real processes are observed for that long. A test
   * lists who does this, and why.
   */
  public static void pass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos();
        left > 0 && !Thread.currentThread().isInterrupted();
        left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Returns whether the condition held within the time. */
  public static boolean within(Duration time, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > time.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(INTERVAL.toNanos());
    }
    return true;
  }
}

package tokenvending.momentolocal.credential;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Admits at most a given number of operations in any second, wherever the second begins: no burst
 * on top, no fixed windows to straddle.
 */
final class RateWindow {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoTime;
  private final long[] admitted;
  private int oldest;

  /**
   * @param perSecond operations in a second, at least 1
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  RateWindow(int perSecond, LongSupplier nanoTime) {
    if (perSecond < 1) {
      throw new IllegalArgumentException("less than one operation a second");
    }
    this.nanoTime = nanoTime;
    this.admitted = new long[perSecond];
    Arrays.fill(admitted, nanoTime.getAsLong() - SECOND);
  }

  /** Takes one place in the window, or says that there is none; a refusal takes none. */
  synchronized boolean admit() {
    long now = nanoTime.getAsLong();
    if (now - admitted[oldest] < SECOND) {
      return false;
    }
    admitted[oldest] = now;
    oldest = (oldest + 1) % admitted.length;
    return true;
  }
}

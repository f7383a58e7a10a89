package tokenvending.momentolocal.credential;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Allows a number of operations in any second, as a sliding window without additional bursts. */
public final class RateWindow {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoTime;
  private final long[] admitted;
  private int oldest;

  /**
   * Starts empty.
   *
   * @param perSecond operations per second, at least 1
   * @param nanoTime a monotonic clock, in nanoseconds
   */
  public RateWindow(int perSecond, LongSupplier nanoTime) {
    if (perSecond < 1) {
      throw new IllegalArgumentException("less than one operation a second");
    }
    this.nanoTime = nanoTime;
    this.admitted = new long[perSecond];
    Arrays.fill(admitted, nanoTime.getAsLong() - SECOND);
  }

  /**
   * Counts an operation and returns true; returns false, and counts nothing, if the window is full.
   */
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

package tokenvending.observation;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Caches an expensive value: it is computed at most once in an interval. Concurrent requests share
 * one computation. Thread-safe.
 */
public final class Sampled<T> implements Supplier<T> {
  private final Supplier<T> source;
  private final long interval;
  private final LongSupplier nanoTime;
  private final ReentrantLock computing = new ReentrantLock();
  private volatile @Nullable Sample<T> last;

  private record Sample<T>(T value, long at) {}

  /**
   * Starts without a value.
   *
   * @param interval the shortest time from the end of one computation to the start of the next
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   */
  public Sampled(Supplier<T> source, Duration interval, LongSupplier nanoTime) {
    this.source = source;
    this.interval = interval.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Returns the value, at most one interval old. */
  @Override
  public T get() {
    Sample<T> seen = last;
    if (seen != null && isFresh(seen)) {
      return seen.value();
    }
    computing.lock();
    try {
      Sample<T> other = last;
      if (other != null && isFresh(other)) {
        return other.value();
      }
      T value = source.get();
      last = new Sample<>(value, nanoTime.getAsLong());
      return value;
    } finally {
      computing.unlock();
    }
  }

  private boolean isFresh(Sample<T> sample) {
    return nanoTime.getAsLong() - sample.at() < interval;
  }
}

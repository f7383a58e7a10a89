package tokenvending.observation;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is costly to compute, computed at most once in an interval however often it is
 * requested. Requests at the same time share one computation. Thread-safe.
 */
public final class Sampled<T> implements Supplier<T> {
  private final Supplier<T> source;
  private final long interval;
  private final LongSupplier nanoTime;
  private final ReentrantLock computing = new ReentrantLock();
  private volatile @Nullable Sample<T> last;

  private record Sample<T>(T value, long at) {}

  /**
   * Nothing is computed yet.
   *
   * @param interval from the end of one computation to the start of the next, at least
   * @param nanoTime a clock that never steps, such as {@link System#nanoTime}
   */
  public Sampled(Supplier<T> source, Duration interval, LongSupplier nanoTime) {
    this.source = source;
    this.interval = interval.toNanos();
    this.nanoTime = nanoTime;
  }

  /** The value, as it was at most one interval ago. */
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

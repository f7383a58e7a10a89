package tokenvending.testing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock like {@link System#nanoTime} that moves only when a test moves it. Thread-safe. */
public final class SettableNanos implements LongSupplier {
  // It overflows within seconds: values must only be compared by their difference.
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 3_000_000_000L);

  @Override
  public long getAsLong() {
    return now.get();
  }

  public void advance(Duration duration) {
    now.addAndGet(duration.toNanos());
  }
}

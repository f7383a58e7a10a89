package tokenvending.momento;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Tracks how long Momento has rejected the API key in use. Thread-safe. */
final class KeyRefusals {
  /** How long a rejection is remembered without another call. */
  private static final long FORGOTTEN_NANOS = Duration.ofSeconds(60).toNanos();

  private final LongSupplier nanoTime;
  private Optional<Series> series = Optional.empty();

  /** Consecutive rejections of one key. */
  private record Series(MomentoApiKey key, long since, long last) {}

  KeyRefusals(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  synchronized void refused(MomentoApiKey key) {
    long now = nanoTime.getAsLong();
    long since = current(key).map(Series::since).orElse(now);
    series = Optional.of(new Series(key, since, now));
  }

  /** Records that Momento accepted the key. */
  synchronized void accepted() {
    series = Optional.empty();
  }

  /**
   * Returns the time since the first rejection of this key; zero if the latest call was not
   * rejected.
   */
  synchronized Duration lasting(MomentoApiKey key) {
    return current(key)
        .map(refused -> Duration.ofNanos(nanoTime.getAsLong() - refused.since()))
        .orElse(Duration.ZERO);
  }

  private Optional<Series> current(MomentoApiKey key) {
    return series.filter(
        refused ->
            refused.key().isSameAs(key) && nanoTime.getAsLong() - refused.last() < FORGOTTEN_NANOS);
  }
}

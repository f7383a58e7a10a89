package tokenvending.momento;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * For how long Momento has refused the API key in use, in every call that it answered. Thread-safe.
 */
final class KeyRefusals {
  /** Without a call for so long nothing is known: the next one finds out. */
  private static final long FORGOTTEN_NANOS = Duration.ofSeconds(60).toNanos();

  private final LongSupplier nanoTime;
  private Optional<Series> series = Optional.empty();

  /** Refusals without an accepted call between them. */
  private record Series(MomentoApiKey key, long since, long last) {}

  KeyRefusals(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  synchronized void refused(MomentoApiKey key) {
    long now = nanoTime.getAsLong();
    long since = current(key).map(Series::since).orElse(now);
    series = Optional.of(new Series(key, since, now));
  }

  /** Momento knows the key. */
  synchronized void accepted() {
    series = Optional.empty();
  }

  /** Since the first refusal of this key; zero where the latest call was not refused. */
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

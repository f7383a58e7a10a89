package tokenvending.redis;

import java.time.Duration;

/**
 * The timeout for the store's responses: twice the usual response time plus four times its
 * variation (RFC 6298 §2), between 250 ms and the configured limit. Thread-safe.
 */
final class AdaptiveTimeout {
  private static final long FLOOR_NANOS = Duration.ofMillis(250).toNanos();

  private final long limitNanos;
  private long usual;
  private long variation;

  AdaptiveTimeout(Duration limit) {
    this.limitNanos = limit.toNanos();
  }

  /** Records a response time in nanoseconds. */
  synchronized void answered(long nanos) {
    if (usual == 0) {
      usual = nanos;
      variation = nanos / 2;
    } else {
      variation += (Math.abs(nanos - usual) - variation) / 4;
      usual += (nanos - usual) / 8;
    }
  }

  /** Records a timeout, which makes the next one longer. */
  synchronized void late() {
    answered(Math.min(limitNanos, 2 * now().toNanos()));
  }

  synchronized Duration now() {
    long wanted = Math.max(FLOOR_NANOS, 2 * usual + 4 * variation);
    return Duration.ofNanos(Math.min(limitNanos, wanted));
  }

  /** Returns the usual response time. */
  synchronized Duration usual() {
    return Duration.ofNanos(Math.min(limitNanos, usual));
  }

  Duration limit() {
    return Duration.ofNanos(limitNanos);
  }
}

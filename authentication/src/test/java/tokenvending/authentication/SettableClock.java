package tokenvending.authentication;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import tokenvending.authentication.DocumentFetcher.Timeouts;

/** Both clocks of a process, which stand still until they are moved. */
final class SettableClock implements InstantSource {
  /** For tests that are not about slowness, on machines that are slow. */
  static final Timeouts ENOUGH =
      new Timeouts(Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofSeconds(30));

  private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
  private final AtomicLong wallMillis = new AtomicLong(START.toEpochMilli());

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(wallMillis.get());
  }

  LongSupplier nanoClock() {
    return nanos::get;
  }

  void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
    stepWall(by);
  }

  /** As a time server does it, or a frozen process finds it. */
  void stepWall(Duration by) {
    wallMillis.addAndGet(by.toMillis());
  }
}

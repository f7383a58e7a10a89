package tokenvending.audit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;
import tokenvending.limits.Rate;
import tokenvending.limits.RateLimiter;

/**
 * Limits how many events of rejected requests are written, because clients can cause them at no
 * cost. The limits are 100 at once and 10 per second for each address, and 500 at once and 50 per
 * second in total. Requests of authenticated callers have the same limits, counted separately.
 * Further events are counted, and the count is written as one event. Events of vended tokens, and
 * of server-side failures after authentication, are always written. Thread-safe.
 */
public final class BoundedAuditSink implements AuditSink {
  private static final Rate OF_ONE_ADDRESS = new Rate(100, Duration.ofSeconds(10));
  private static final Rate IN_TOTAL = new Rate(500, Duration.ofSeconds(10));
  private static final int ADDRESSES = 10_000;

  /** Outcomes that an unauthenticated client cannot cause. */
  private static final Set<String> ALWAYS =
      Set.of("vended", "temporarily-unavailable", "upstream-fault", "internal");

  private final AuditSink sink;
  private final Bound anonymous;
  private final Bound identified;
  private final AtomicLong leftOut = new AtomicLong();

  /** The limits of one kind of request. */
  private record Bound(RateLimiter<Network> ofOneAddress, RateLimiter<Boolean> inTotal) {
    static Bound by(LongSupplier nanoTime) {
      return new Bound(
          RateLimiter.ofNetworks(OF_ONE_ADDRESS, ADDRESSES, nanoTime),
          new RateLimiter<>(IN_TOTAL, 1, nanoTime));
    }

    boolean allows(AuditEvent event) {
      Optional<ClientAddress> from = ClientAddress.parse(event.address());
      return from.map(ClientAddress::networks)
              .map(ofOneAddress::acquire)
              .orElse(Duration.ZERO)
              .isZero()
          && inTotal.acquire(List.of(true)).isZero();
    }
  }

  /**
   * Limits the events that reach another sink.
   *
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   */
  public BoundedAuditSink(AuditSink sink, LongSupplier nanoTime) {
    this.sink = sink;
    this.anonymous = Bound.by(nanoTime);
    this.identified = Bound.by(nanoTime);
  }

  /** Also returns true for an event that is only counted. */
  @Override
  public boolean record(AuditEvent event) {
    if (isAlwaysWritten(event)) {
      return sink.record(event);
    }
    if (!isAllowed(event)) {
      leftOut.incrementAndGet();
      return true;
    }
    long missing = leftOut.getAndSet(0);
    if (missing > 0 && !sink.record(event.leftOut(missing))) {
      leftOut.addAndGet(missing);
    }
    boolean written = sink.record(event);
    if (!written) {
      leftOut.incrementAndGet();
    }
    return written;
  }

  @Override
  public void submit(AuditEvent event) {
    if (isAlwaysWritten(event)) {
      sink.submit(event);
      return;
    }
    if (!isAllowed(event)) {
      leftOut.incrementAndGet();
      return;
    }
    long missing = leftOut.getAndSet(0);
    if (missing > 0) {
      sink.submit(event.leftOut(missing));
    }
    sink.submit(event);
  }

  @Override
  public Optional<String> problem() {
    return sink.problem();
  }

  private static boolean isAlwaysWritten(AuditEvent event) {
    return ALWAYS.contains(event.outcome())
        && !event.reason().equals(Optional.of(AuditEvent.AUTHENTICATION_UNAVAILABLE));
  }

  private boolean isAllowed(AuditEvent event) {
    boolean isIdentified = event.caller().flatMap(AuditEvent.Caller::subject).isPresent();
    return (isIdentified ? identified : anonymous).allows(event);
  }
}

package tokenvending.limits;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;
import tokenvending.identity.Principal;
import tokenvending.limits.Admission.Admitted;
import tokenvending.limits.Admission.Scope;
import tokenvending.limits.Admission.Throttled;
import tokenvending.text.Digest;

/**
 * Limits requests by one rate for each authenticated caller and one for each client address, in
 * this process. A rejected request counts against neither. A caller that waits as long as returned
 * is admitted, unless another request used the room in between.
 *
 * <p>At most {@value #CAPACITY} callers and as many networks are stored, at about 100 bytes each;
 * {@link RateLimiter} describes what happens beyond that.
 */
public final class RateLimits implements Limits {
  /** The most callers, and the most networks, that are stored. */
  public static final int CAPACITY = 100_000;

  private final Optional<RateLimiter<Digest>> perCaller;
  private final Optional<RateLimiter<Network>> perAddress;
  private final Object lock = new Object();

  /**
   * Starts with empty counters.
   *
   * @param perCaller by issuer and subject; anonymous callers have none
   * @param perAddress by {@link ClientAddress#networks()}
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   */
  public RateLimits(Optional<Rate> perCaller, Optional<Rate> perAddress, LongSupplier nanoTime) {
    this(perCaller, perAddress, CAPACITY, nanoTime);
  }

  RateLimits(
      Optional<Rate> perCaller, Optional<Rate> perAddress, int capacity, LongSupplier nanoTime) {
    this.perCaller = perCaller.map(rate -> new RateLimiter<>(rate, capacity, nanoTime));
    this.perAddress = perAddress.map(rate -> RateLimiter.ofNetworks(rate, capacity, nanoTime));
  }

  @Override
  public Admission admit(Principal caller, ClientAddress from) {
    // A digest has a fixed size; the subjects of an issuer can have any length.
    List<Digest> who =
        perCaller.isPresent()
            ? caller.subject().map(subject -> Digest.of(caller.issuer(), subject)).stream().toList()
            : List.of();
    List<Network> networks = from.networks();
    synchronized (lock) {
      Duration callerWaits = perCaller.map(limiter -> limiter.waitFor(who)).orElse(Duration.ZERO);
      Duration addressWaits =
          perAddress.map(limiter -> limiter.waitFor(networks)).orElse(Duration.ZERO);
      if (callerWaits.isPositive() && callerWaits.compareTo(addressWaits) >= 0) {
        return new Throttled(Scope.CALLER_LIMIT, callerWaits);
      }
      if (addressWaits.isPositive()) {
        return new Throttled(Scope.ADDRESS_LIMIT, addressWaits);
      }
      perCaller.ifPresent(limiter -> limiter.count(who));
      perAddress.ifPresent(limiter -> limiter.count(networks));
      return new Admitted();
    }
  }

  /** Returns the number of stored keys. */
  int size() {
    return perCaller.map(RateLimiter::size).orElse(0) + perAddress.map(RateLimiter::size).orElse(0);
  }
}

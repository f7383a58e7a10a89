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
 * One rate for each identified caller and one for each client's address, held in this process. A
 * rejected request counts against neither. A caller who waits as long as was returned has a chance
 * then, unless another request used it in between.
 *
 * <p>At most {@value #CAPACITY} callers and as many networks are held, about 100 bytes each; see
 * {@link RateLimiter} for what happens beyond.
 */
public final class RateLimits implements Limits {
  /** How many callers, and how many networks, are held. */
  public static final int CAPACITY = 100_000;

  private final Optional<RateLimiter<Digest>> perCaller;
  private final Optional<RateLimiter<Network>> perAddress;
  private final Object lock = new Object();

  /**
   * Counts from nothing.
   *
   * @param perCaller by issuer and subject; anonymous callers have none
   * @param perAddress by {@link ClientAddress#networks()}
   * @param nanoTime a clock that never steps, such as {@link System#nanoTime}
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
    // A digest: an issuer may give subjects of any length, and each takes the same room.
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
        return new Throttled(Scope.PER_CALLER, callerWaits);
      }
      if (addressWaits.isPositive()) {
        return new Throttled(Scope.PER_ADDRESS, addressWaits);
      }
      perCaller.ifPresent(limiter -> limiter.count(who));
      perAddress.ifPresent(limiter -> limiter.count(networks));
      return new Admitted();
    }
  }

  /** How many keys are held. */
  int size() {
    return perCaller.map(RateLimiter::size).orElse(0) + perAddress.map(RateLimiter::size).orElse(0);
  }
}

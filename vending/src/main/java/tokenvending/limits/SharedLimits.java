package tokenvending.limits;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;
import tokenvending.identity.Principal;
import tokenvending.limits.Admission.Admitted;
import tokenvending.limits.Admission.Scope;
import tokenvending.limits.Admission.Throttled;
import tokenvending.limits.RateCounters.Charge;
import tokenvending.limits.RateCounters.Counted;
import tokenvending.text.Digest;

/**
 * The limits of {@link RateLimits}, counted for all instances together. While the store is
 * unavailable, each instance counts its own requests.
 */
public final class SharedLimits implements Limits {
  private final RateCounters counters;
  private final Optional<Rate> perCaller;
  private final Optional<Rate> perAddress;
  private final RateLimits own;

  /**
   * Counts in a store.
   *
   * @param own limits with the same rates, used while the store is unavailable
   */
  public SharedLimits(
      RateCounters counters, Optional<Rate> perCaller, Optional<Rate> perAddress, RateLimits own) {
    this.counters = counters;
    this.perCaller = perCaller;
    this.perAddress = perAddress;
    this.own = own;
  }

  @Override
  public Admission admit(Principal caller, ClientAddress from) {
    List<Charge> charges = new ArrayList<>(4);
    List<Scope> scopes = new ArrayList<>(4);
    Optional<String> subject = caller.subject();
    if (perCaller.isPresent() && subject.isPresent()) {
      String key = "c" + Digest.of(caller.issuer(), subject.get()).text();
      charges.add(new Charge(key, perCaller.get()));
      scopes.add(Scope.CALLER_LIMIT);
    }
    if (perAddress.isPresent()) {
      for (Network network : from.networks()) {
        String key = "a" + Digest.of(network.text()).text();
        charges.add(new Charge(key, perAddress.get().times(network.share())));
        scopes.add(Scope.ADDRESS_LIMIT);
      }
    }
    if (charges.isEmpty()) {
      return new Admitted();
    }
    return switch (counters.count(charges)) {
      case Counted.Admitted() -> new Admitted();
      case Counted.Over(int charge, var retryAfter) ->
          new Throttled(scopes.get(charge), retryAfter);
      case Counted.Unavailable() -> own.admit(caller, from);
    };
  }
}

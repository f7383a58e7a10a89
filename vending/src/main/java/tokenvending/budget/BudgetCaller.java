package tokenvending.budget;

import java.util.List;
import java.util.Optional;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;
import tokenvending.identity.Principal;
import tokenvending.text.Digest;

/**
 * The identity under which a caller queues: an authenticated caller, or the network of an anonymous
 * one.
 *
 * @param key a digest of fixed length that identifies the caller
 * @param shared whether several people can have this identity
 * @param wider the wider networks that share its queue positions, the narrowest first
 */
public record BudgetCaller(String key, boolean shared, List<Wider> wider) {
  public BudgetCaller {
    wider = List.copyOf(wider);
  }

  /** A caller without wider networks. */
  public BudgetCaller(String key, boolean shared) {
    this(key, shared, List.of());
  }

  /**
   * A wider network.
   *
   * @param key a digest of fixed length that identifies the network
   * @param share how many callers' worth of positions it has
   */
  public record Wider(String key, int share) {
    /** Returns how many queue positions it can have; never more than half of all. */
    public int positions(int ofACrowd, int all) {
      return Math.min(ofACrowd * share, all / 2);
    }
  }

  /** Returns the identity of a caller. */
  public static BudgetCaller of(Principal caller, ClientAddress from) {
    Optional<String> subject = caller.subject();
    if (subject.isPresent()) {
      return new BudgetCaller(Digest.of("caller", caller.issuer(), subject.get()).text(), false);
    }
    List<Network> networks = from.networks();
    return new BudgetCaller(
        key(networks.getFirst()),
        true,
        networks.stream()
            .skip(1)
            .map(network -> new Wider(key(network), network.share()))
            .toList());
  }

  private static String key(Network network) {
    return Digest.of("network", network.text()).text();
  }
}

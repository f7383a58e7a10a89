package tokenvending.budget;

import java.util.List;
import java.util.Optional;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;
import tokenvending.identity.Principal;
import tokenvending.text.Digest;

/**
 * In whose name a call to the token service is made: an identified caller, or for anonymous ones
 * the network they come from.
 *
 * @param key distinguishes applicants; of fixed length, and reveals nothing about who it is
 * @param shared whether several people may be behind it
 * @param wider the wider networks that share its position in the queue, the narrowest first
 */
public record BudgetCaller(String key, boolean shared, List<Wider> wider) {
  public BudgetCaller {
    wider = List.copyOf(wider);
  }

  /** An caller without wider networks. */
  public BudgetCaller(String key, boolean shared) {
    this(key, shared, List.of());
  }

  /**
   * A wider network.
   *
   * @param key as that of an caller
   * @param share how many applicants it counts as
   */
  public record Wider(String key, int share) {
    /** How many positions in the queue it may have; never more than half of all. */
    public int positions(int ofACrowd, int all) {
      return Math.min(ofACrowd * share, all / 2);
    }
  }

  /** The caller for a call of this caller. */
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

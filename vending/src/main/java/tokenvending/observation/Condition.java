package tokenvending.observation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tokenvending.observation.Observer.StateHealth;

/**
 * The state of a machine at one moment.
 *
 * @param ready whether a token can be vended
 * @param auditWritable whether audit events can be written, as far as is known
 * @param budget the budget queue; absent while it is unavailable
 * @param breakerOpen whether the circuit breaker is open
 * @param state absent if no state is shared
 * @param keySets the key sets of all configured issuers
 * @param policyVersion the fingerprint of the policy in force
 * @param reloads the state of each input that is reloaded
 */
public record Condition(
    boolean ready,
    boolean auditWritable,
    Optional<QueueStatus> budget,
    boolean breakerOpen,
    Optional<StateHealth> state,
    List<KeySet> keySets,
    String policyVersion,
    List<ReloadState.Reload> reloads) {
  public Condition {
    keySets = List.copyOf(keySets);
    reloads = List.copyOf(reloads);
  }

  /** Returns a copy with these reloads. */
  public Condition with(List<ReloadState.Reload> all) {
    return new Condition(
        ready, auditWritable, budget, breakerOpen, state, keySets, policyVersion, all);
  }

  /**
   * An issuer's key set.
   *
   * @param age the time since it was fetched; absent if no key can be used
   */
  public record KeySet(String issuer, Optional<Duration> age) {}
}

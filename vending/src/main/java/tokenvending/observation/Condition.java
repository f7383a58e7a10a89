package tokenvending.observation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tokenvending.observation.Observer.StateHealth;

/**
 * How a machine is at this moment.
 *
 * @param ready whether a token could be vended
 * @param auditWritable whether audit events can be written, as far as that is known
 * @param budget the line for the budget; absent while it cannot be seen
 * @param breakerOpen whether the token service is left alone
 * @param state absent where no state is shared
 * @param keySets those of all issuers that the file names, each issuer once
 * @param policyVersion the fingerprint of the policy in force
 * @param reloads the inputs that are read again, each once
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

  /** The same with these inputs in place of those known so far. */
  public Condition with(List<ReloadState.Reload> all) {
    return new Condition(
        ready, auditWritable, budget, breakerOpen, state, keySets, policyVersion, all);
  }

  /**
   * An issuer's keys.
   *
   * @param age since they were asked for; absent where none can be used
   */
  public record KeySet(String issuer, Optional<Duration> age) {}
}

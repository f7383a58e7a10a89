package tokenvending.observation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tokenvending.budget.BudgetLine;
import tokenvending.observation.Observer.StateHealth;

/**
 * How a machine is at this moment.
 *
 * @param ready whether a token could be vended
 * @param budget the line for the budget; absent while it cannot be seen
 * @param breakerOpen whether the token service is left alone
 * @param state absent where no state is shared
 * @param keySets those of all issuers that the file names, each issuer once
 * @param policyVersion the fingerprint of the policy in force
 */
public record Condition(
    boolean ready,
    Optional<BudgetLine.Standing> budget,
    boolean breakerOpen,
    Optional<StateHealth> state,
    List<KeySet> keySets,
    String policyVersion) {
  public Condition {
    keySets = List.copyOf(keySets);
  }

  /**
   * An issuer's keys.
   *
   * @param age since they were asked for; absent where none can be used
   */
  public record KeySet(String issuer, Optional<Duration> age) {}
}

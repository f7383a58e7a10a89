package tokenvending.policy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tokenvending.identity.AddressRange;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;

/**
 * One entry under {@code deny}. Callers for whom all of it holds are denied, whatever the rules
 * grant. A group or claim that cannot be read counts as one that holds, so that a caller cannot
 * evade an entry by its form.
 *
 * @param when groups and claims
 * @param addresses the client's address must be in one of them; an empty list requires nothing
 * @param until the entry has no effect from this time on
 * @param note for the audit log
 */
public record DenyRule(
    Optional<String> issuer,
    Optional<String> subject,
    ConditionDocument when,
    List<AddressRange> addresses,
    Optional<Instant> until,
    Optional<String> note) {
  public DenyRule {
    addresses = List.copyOf(addresses);
  }

  public boolean denies(Principal caller, ClientAddress from, Instant now) {
    return (until.isEmpty() || now.isBefore(until.get()))
        && (issuer.isEmpty() || (!caller.isAnonymous() && issuer.get().equals(caller.issuer())))
        && (subject.isEmpty() || subject.equals(caller.subject()))
        && (addresses.isEmpty()
            || addresses.stream().anyMatch(range -> range.contains(from.address())))
        && holds(caller);
  }

  private boolean holds(Principal caller) {
    Optional<Rule.Mismatch> mismatch = Rule.mismatch(when, caller);
    return mismatch.isEmpty() || mismatch.get() instanceof Rule.Mismatch.ClaimNotStrings;
  }
}

package tokenvending.vending;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tokenvending.audit.AuditEvent;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.policy.Basis;
import tokenvending.policy.Policy;

/**
 * Adds to audit events what a decision rests on: the policy, groups and claims.
 *
 * @param policy absent if nothing is added
 * @param claimValues the claims whose values are in audit events, too
 */
public record Attribution(
    Optional<Policy> policy, Optional<String> policyVersion, Set<String> claimValues) {
  private static final int MOST_VALUES = 20;
  private static final int LONGEST_VALUE = 255;

  public Attribution {
    claimValues = Set.copyOf(claimValues);
  }

  /** Adds nothing. */
  public static Attribution none() {
    return new Attribution(Optional.empty(), Optional.empty(), Set.of());
  }

  /** Adds what decisions of this policy rest on. */
  public static Attribution of(Policy policy, String version, Set<String> claimValues) {
    return new Attribution(Optional.of(policy), Optional.of(version), claimValues);
  }

  AuditEvent.Basis of(Optional<Principal> caller, Optional<String> rule) {
    if (policy.isEmpty() || caller.isEmpty()) {
      return new AuditEvent.Basis(
          policyVersion, List.of(), List.of(), Map.of(), List.of(), Optional.empty());
    }
    Basis basis = policy.get().basis(caller.get(), rule);
    return new AuditEvent.Basis(
        policyVersion,
        basis.groups(),
        basis.claims(),
        claimValues.isEmpty() ? Map.of() : values(caller.get(), basis.claims()),
        basis.unmatched(),
        Optional.empty());
  }

  private Map<String, List<String>> values(Principal caller, List<String> claims) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String name : claims) {
      if (claimValues.contains(name)) {
        caller.claim(name).ifPresent(claim -> values.put(name, values(claim)));
      }
    }
    return values;
  }

  private static List<String> values(Claim claim) {
    List<String> all =
        switch (claim) {
          case Claim.One(String value) -> List.of(value);
          case Claim.Many(List<String> values) -> values;
          case Claim.Members members -> members.roles().stream().sorted().toList();
          case Claim.Unreadable _ -> List.of();
        };
    return all.stream()
        .limit(MOST_VALUES)
        .map(value -> value.substring(0, Math.min(value.length(), LONGEST_VALUE)))
        .toList();
  }
}

package tokenvending.policy;

import java.util.List;

/**
 * What the choice of a rule rests on, by name, for the audit log.
 *
 * @param groups the caller's groups that the rule names; if no rule matches, those that any rule
 *     names
 * @param claims the claims that the rule requires
 * @param unmatched if no rule matches, the condition that does not hold in each of the first rules,
 *     such as {@code RULE: groups} or {@code RULE: claim NAME is absent}
 */
public record Basis(List<String> groups, List<String> claims, List<String> unmatched) {
  public Basis {
    groups = List.copyOf(groups);
    claims = List.copyOf(claims);
    unmatched = List.copyOf(unmatched);
  }
}

package tokenvending.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tokenvending.identity.Claim;
import tokenvending.identity.Groups;
import tokenvending.identity.Principal;
import tokenvending.identity.Scope;
import tokenvending.permission.Permission;
import tokenvending.permission.PermissionSet;
import tokenvending.policy.Decision.Reason;

/** One compiled rule. Parts that do not depend on the caller are computed when the file is read. */
final class Rule {
  /** The permissions for one caller, or the reason why there are none. */
  sealed interface Permissions {
    record Usable(PermissionSet permissions) implements Permissions {}

    record Unusable(Reason reason) implements Permissions {}
  }

  /** The token id for one caller, or the reason why there is none. */
  sealed interface Id {
    record Usable(Optional<TokenId> id) implements Id {}

    record Unusable(Reason reason) implements Id {}
  }

  private final String id;
  private final ConditionDocument when;
  private final Duration ttl;
  private final Reuse reuse;
  private final TokenIdRule tokenId;
  private final List<PermissionTemplate> templates;
  private final Optional<Permissions.Usable> constant;

  Rule(
      String id,
      ConditionDocument when,
      Duration ttl,
      Reuse reuse,
      TokenIdRule tokenId,
      List<PermissionTemplate> templates) {
    this.id = id;
    this.when = when;
    this.ttl = ttl;
    this.reuse = reuse;
    this.tokenId = tokenId;
    this.templates = List.copyOf(templates);
    this.constant =
        templates.stream().allMatch(PermissionTemplate::isConstant)
                && render(Principal.anonymous(), Map.of()) instanceof Permissions.Usable usable
            ? Optional.of(usable)
            : Optional.empty();
  }

  String id() {
    return id;
  }

  Duration ttl() {
    return ttl;
  }

  Reuse reuse() {
    return reuse;
  }

  boolean matches(Principal caller) {
    if (!isInGroups(when, caller)) {
      return false;
    }
    for (Map.Entry<String, List<String>> wanted : when.claims().entrySet()) {
      if (!holds(caller.claim(wanted.getKey()), wanted.getKey(), wanted.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isInGroups(ConditionDocument when, Principal caller) {
    if (when.groups().isEmpty()) {
      return true;
    }
    Set<String> groups = caller.groups();
    for (String group : when.groups()) {
      if (groups.contains(group)) {
        return true;
      }
    }
    return false;
  }

  private static boolean holds(Optional<Claim> claim, String name, List<String> wanted) {
    return claim.isPresent()
        && (claim.get().isAnyOf(wanted)
            || (claim.get() instanceof Claim.One(String text)
                && Scope.isNameOf(name)
                && Scope.words(text).stream().anyMatch(wanted::contains)));
  }

  /** The reason why the rule does not match. */
  sealed interface Mismatch {
    /** A condition does not hold; {@code claim} is absent for groups. */
    record OtherValue(Optional<String> claim) implements Mismatch {}

    /** The caller has no such claim. */
    record ClaimAbsent(String claim) implements Mismatch {}

    /** The claim exists, but none of its values can be compared. */
    record ClaimNotStrings(String claim) implements Mismatch {}
  }

  /**
   * Returns a condition that does not hold; empty if all hold. A condition that was compared comes
   * before absent and unreadable claims, which would not change the result.
   */
  Optional<Mismatch> mismatch(Principal caller) {
    return mismatch(when, caller);
  }

  static Optional<Mismatch> mismatch(ConditionDocument when, Principal caller) {
    Optional<Mismatch> first = groupsMismatch(when, caller);
    for (Map.Entry<String, List<String>> wanted : when.claims().entrySet()) {
      if (first.isPresent() && first.get() instanceof Mismatch.OtherValue) {
        return first;
      }
      Optional<Mismatch> next = claimMismatch(caller, wanted.getKey(), wanted.getValue());
      if (first.isEmpty() || next.filter(Mismatch.OtherValue.class::isInstance).isPresent()) {
        first = next;
      }
    }
    return first;
  }

  private static Optional<Mismatch> groupsMismatch(ConditionDocument when, Principal caller) {
    if (isInGroups(when, caller)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (caller.statedGroups()) {
          case Groups.Listed _ -> new Mismatch.OtherValue(Optional.empty());
          case Groups.Absent(String claim) -> new Mismatch.ClaimAbsent(claim);
          case Groups.Unreadable(String claim) -> new Mismatch.ClaimNotStrings(claim);
        });
  }

  private static Optional<Mismatch> claimMismatch(
      Principal caller, String name, List<String> wanted) {
    Optional<Claim> found = caller.claim(name);
    if (found.isEmpty()) {
      return Optional.of(new Mismatch.ClaimAbsent(name));
    }
    if (holds(found, name, wanted)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (found.get()) {
          case Claim.One _, Claim.Many _ -> new Mismatch.OtherValue(Optional.of(name));
          case Claim.Members members ->
              members.roles().isEmpty()
                  ? new Mismatch.ClaimNotStrings(name)
                  : new Mismatch.OtherValue(Optional.of(name));
          case Claim.Unreadable _ -> new Mismatch.ClaimNotStrings(name);
        });
  }

  /** Returns the caller's groups that this rule names. */
  List<String> groupsOf(Principal caller) {
    return when.groups().isEmpty()
        ? List.of()
        : when.groups().stream().filter(caller.groups()::contains).toList();
  }

  /** Returns the names of the claims that this rule requires. */
  List<String> claims() {
    return when.claims().isEmpty() ? List.of() : List.copyOf(when.claims().keySet());
  }

  /** Returns the condition that does not hold, without values, for the audit log. */
  Optional<String> unmatched(Principal caller) {
    return mismatch(caller)
        .map(
            mismatch ->
                switch (mismatch) {
                  case Mismatch.OtherValue(Optional<String> claim) ->
                      claim.map(name -> "claim " + name).orElse("groups");
                  case Mismatch.ClaimAbsent(String claim) -> "claim " + claim + " is absent";
                  case Mismatch.ClaimNotStrings(String claim) ->
                      "claim " + claim + " is not a list of strings";
                })
        .map(condition -> id + ": " + condition);
  }

  /** Returns why the rule matches or not, as a sentence. */
  String why(Principal caller) {
    Optional<Mismatch> mismatch = mismatch(caller);
    if (mismatch.isEmpty()) {
      return when.asksNothing() ? "no condition" : "every condition holds";
    }
    return switch (mismatch.get()) {
      case Mismatch.OtherValue(Optional<String> claim) ->
          claim
              .map(name -> "the claim " + name + " is not one of " + when.claims().get(name))
              .orElse("the caller is in none of the groups " + when.groups());
      case Mismatch.ClaimAbsent(String claim) -> "the claim " + claim + " is absent";
      case Mismatch.ClaimNotStrings(String claim) ->
          "the claim " + claim + " is not a list of strings";
    };
  }

  Permissions permissionsFor(Principal caller, Map<String, String> parameters) {
    return constant.isPresent() ? constant.get() : render(caller, parameters);
  }

  private Permissions render(Principal caller, Map<String, String> parameters) {
    List<Permission> permissions = new ArrayList<>(templates.size());
    for (PermissionTemplate template : templates) {
      switch (template.render(caller, parameters)) {
        case PermissionTemplate.Rendered.Made(Permission permission) -> {
          // The compiler rejects rules in which this is possible; if it happened, Momento would
          // reject the token.
          if (permissions.stream().anyMatch(permission::sameResources)) {
            return new Permissions.Unusable(Reason.SAME_SELECTOR_TWICE);
          }
          permissions.add(permission);
        }
        case PermissionTemplate.Rendered.Unusable(Reason reason) -> {
          return new Permissions.Unusable(reason);
        }
      }
    }
    return new Permissions.Usable(new PermissionSet(permissions));
  }

  Id tokenIdFor(Principal caller, Map<String, String> parameters) {
    Optional<Template> template = caller.isAnonymous() ? tokenId.anonymous() : tokenId.identified();
    if (template.isEmpty()) {
      return new Id.Usable(Optional.empty());
    }
    if (!parameters.keySet().containsAll(template.get().requestNames())) {
      // An optional parameter is absent: the token has no id.
      return new Id.Usable(Optional.empty());
    }
    return switch (template.get().renderTokenId(caller, parameters)) {
      case Template.Rendered.Text(String text) -> new Id.Usable(Optional.of(TokenId.of(text)));
      case Template.Rendered.Unusable(Reason reason) -> new Id.Unusable(reason);
    };
  }
}

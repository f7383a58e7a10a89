package tokenvending.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.identity.Principal;
import tokenvending.permission.Permission;
import tokenvending.permission.PermissionSet;
import tokenvending.policy.Decision.Reason;

/** One rule, compiled. What does not depend on the caller was made once, when the file was read. */
final class Rule {
  /** The permissions for one caller, or why there are none. */
  sealed interface Permissions {
    record Usable(PermissionSet permissions) implements Permissions {}

    record Unusable(Reason reason) implements Permissions {}
  }

  /** The token id for one caller, or why there can be none. */
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
    return isInGroup(caller) && missingClaim(caller).isEmpty();
  }

  private boolean isInGroup(Principal caller) {
    if (when.groups().isEmpty()) {
      return true;
    }
    for (String group : when.groups()) {
      if (caller.groups().contains(group)) {
        return true;
      }
    }
    return false;
  }

  private Optional<String> missingClaim(Principal caller) {
    for (Map.Entry<String, List<String>> wanted : when.claims().entrySet()) {
      boolean holds =
          caller.claim(wanted.getKey()).filter(c -> c.isAnyOf(wanted.getValue())).isPresent();
      if (!holds) {
        return Optional.of(wanted.getKey());
      }
    }
    return Optional.empty();
  }

  /** Why it matches or not, as a sentence. */
  String why(Principal caller) {
    if (!isInGroup(caller)) {
      return "the caller is in none of the groups " + when.groups();
    }
    return missingClaim(caller)
        .map(claim -> "the claim " + claim + " is none of " + when.claims().get(claim))
        .orElse(when.asksNothing() ? "it asks for nothing" : "all that it asks for holds");
  }

  Permissions permissionsFor(Principal caller, Map<String, String> parameters) {
    return constant.isPresent() ? constant.get() : render(caller, parameters);
  }

  private Permissions render(Principal caller, Map<String, String> parameters) {
    List<Permission> permissions = new ArrayList<>(templates.size());
    for (PermissionTemplate template : templates) {
      switch (template.render(caller, parameters)) {
        case PermissionTemplate.Rendered.Made(Permission permission) -> {
          // The check of the file errs towards refusing, so this cannot happen; if it did, Momento
          // would refuse.
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
      // An optional parameter that was left out: the token then carries no id.
      return new Id.Usable(Optional.empty());
    }
    return switch (template.get().render(caller, parameters)) {
      case Template.Rendered.Text(String text) -> new Id.Usable(Optional.of(TokenId.of(text)));
      case Template.Rendered.Unusable(Reason reason) -> new Id.Unusable(reason);
    };
  }
}

package tokenvending.application;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.Configuration;
import tokenvending.identity.Claim;
import tokenvending.identity.Groups;
import tokenvending.identity.Principal;
import tokenvending.identity.Scope;
import tokenvending.policy.AuthenticationMethod;

/**
 * A caller described by an author to try a policy; its claims count as verified. A request makes
 * one only where it is explained, which mints nothing.
 */
public final class DescribedCaller {
  private static final Set<String> GROUPS = Set.of("groups", "group");
  private static final String COGNITO_GROUPS = "cognito:groups";

  private DescribedCaller() {}

  /**
   * The caller with these claims: {@code sub}, {@code groups}, {@code iss} and any other. Without
   * claims, an anonymous one; without {@code iss}, one of the first way in that knows its callers.
   * Empty where there is not exactly one {@code sub}. Groups may also stand under the name that the
   * file's issuer gives them.
   */
  public static Optional<Principal> of(
      Map<String, List<String>> described, Configuration configuration) {
    if (described.isEmpty()) {
      return Optional.of(Principal.anonymous());
    }
    List<String> subject = described.getOrDefault("sub", List.of());
    List<String> issuer = described.getOrDefault("iss", List.of(issuer(configuration)));
    if (subject.size() != 1 || issuer.size() != 1) {
      return Optional.empty();
    }
    Groups groups = groups(described, issuer.getFirst(), configuration);
    Map<String, Claim> claims = new HashMap<>();
    described.forEach(
        (name, values) -> {
          if (!GROUPS.contains(name)) {
            claims.put(
                name,
                values.size() == 1
                    ? new Claim.One(values.getFirst())
                    : new Claim.Many(new ArrayList<>(values)));
          }
        });
    return Optional.of(
        Principal.verified(
            issuer.getFirst(), subject.getFirst(), groups, claims, Optional.empty()));
  }

  private static Groups groups(
      Map<String, List<String>> described, String issuer, Configuration configuration) {
    Optional<String> claim = groupsClaim(issuer, configuration);
    Set<String> words = new LinkedHashSet<>(GROUPS);
    claim.ifPresent(words::add);
    if (issuer.equals(AuthenticationMethod.Passwords.ISSUER)
        || words.stream().anyMatch(described::containsKey)) {
      Set<String> names = new LinkedHashSet<>();
      for (String word : words) {
        for (String value : described.getOrDefault(word, List.of())) {
          names.addAll(Scope.isNameOf(word) ? Scope.words(value) : List.of(value));
        }
      }
      return new Groups.Listed(names);
    }
    return new Groups.Absent(claim.orElse("groups"));
  }

  /**
   * Why the file has no way in for this caller, as a sentence; empty where it has one. A policy can
   * grant what nobody is there to receive.
   */
  public static Optional<String> deniedReason(Principal caller, Configuration configuration) {
    for (AuthenticationSettings method : configuration.authentication()) {
      boolean letsIn =
          caller.isAnonymous()
              ? method instanceof AuthenticationSettings.Open
              : issuer(method).equals(Optional.of(caller.issuer())) || isSuppliedLater(method);
      if (letsIn) {
        return Optional.empty();
      }
    }
    return Optional.of(
        caller.isAnonymous()
            ? "the file accepts no caller without a credential"
            : "the file has no way in for callers of the issuer " + caller.issuer());
  }

  /** On AWS the stack makes the user pool, so its issuer is not known here. */
  private static boolean isSuppliedLater(AuthenticationSettings method) {
    return method instanceof AuthenticationSettings.Cognito cognito
        && cognito.effectiveIssuer().isEmpty();
  }

  private static String issuer(Configuration configuration) {
    for (AuthenticationSettings method : configuration.authentication()) {
      Optional<String> issuer = issuer(method);
      if (issuer.isPresent()) {
        return issuer.get();
      }
    }
    return AuthenticationMethod.Passwords.ISSUER;
  }

  private static Optional<String> issuer(AuthenticationSettings method) {
    return switch (method) {
      case AuthenticationSettings.Open() -> Optional.empty();
      case AuthenticationSettings.Password password ->
          Optional.of(AuthenticationMethod.Passwords.ISSUER);
      case AuthenticationSettings.Oidc oidc -> Optional.of(oidc.issuer().toString());
      case AuthenticationSettings.Cognito cognito ->
          cognito.effectiveIssuer().map(Object::toString);
    };
  }

  /** What the issuer itself calls its groups. */
  private static Optional<String> groupsClaim(String issuer, Configuration configuration) {
    for (AuthenticationSettings method : configuration.authentication()) {
      if (method instanceof AuthenticationSettings.Oidc oidc
          && oidc.issuer().toString().equals(issuer)) {
        return Optional.of(oidc.groupsClaim());
      }
      if (method instanceof AuthenticationSettings.Cognito) {
        return Optional.of(COGNITO_GROUPS);
      }
    }
    return Optional.empty();
  }
}

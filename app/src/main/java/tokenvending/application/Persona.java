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
import tokenvending.identity.Principal;
import tokenvending.policy.WayIn;

/**
 * A caller as an author imagines him, to try a policy on: his claims are taken for verified. Never
 * made from a request.
 */
public final class Persona {
  private static final Set<String> GROUPS = Set.of("groups", "group");

  private Persona() {}

  /**
   * The caller with these claims: {@code sub}, {@code groups}, {@code iss} and any other. Without
   * claims, an anonymous one; without {@code iss}, one of the first way in that knows its callers.
   * Empty where there is not exactly one {@code sub}.
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
    Set<String> groups = new LinkedHashSet<>();
    GROUPS.forEach(word -> groups.addAll(described.getOrDefault(word, List.of())));
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

  private static String issuer(Configuration configuration) {
    for (AuthenticationSettings wayIn : configuration.authentication()) {
      Optional<String> issuer =
          switch (wayIn) {
            case AuthenticationSettings.Open() -> Optional.empty();
            case AuthenticationSettings.Password password -> Optional.of(WayIn.Passwords.ISSUER);
            case AuthenticationSettings.Oidc oidc -> Optional.of(oidc.issuer().toString());
            case AuthenticationSettings.Cognito cognito ->
                cognito.effectiveIssuer().map(Object::toString);
          };
      if (issuer.isPresent()) {
        return issuer.get();
      }
    }
    return WayIn.Passwords.ISSUER;
  }
}

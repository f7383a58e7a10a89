package tokenvending.application;

import java.net.InetAddress;
import java.time.Instant;
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
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Groups;
import tokenvending.identity.Principal;
import tokenvending.identity.Scope;
import tokenvending.policy.AuthenticationMethod;

/**
 * A caller that an author describes to try a policy. Its claims count as verified, so requests can
 * use it only for explanations, which mint nothing.
 */
public final class DescribedCaller {
  private static final Set<String> GROUPS = Set.of("groups", "group");
  private static final String COGNITO_GROUPS = "cognito:groups";

  private DescribedCaller() {}

  /**
   * Returns the caller with these claims: {@code sub}, {@code groups}, {@code iss} and any other.
   * Without claims the caller is anonymous; without {@code iss} it belongs to the first
   * authentication method with identified callers. Groups can also have the name of the issuer's
   * groups claim. Empty unless there is exactly one {@code sub}.
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
   * Returns a sentence about why no authentication method accepts this caller; empty if one does. A
   * policy can contain grants that no caller can reach.
   */
  public static Optional<String> deniedReason(Principal caller, Configuration configuration) {
    if (!caller.isAnonymous()) {
      return AuthenticationSettings.unknownIssuer(caller.issuer(), configuration.authentication());
    }
    return configuration.authentication().stream()
            .anyMatch(AuthenticationSettings.Open.class::isInstance)
        ? Optional.empty()
        : Optional.of("the policy has no authentication method for callers without a credential");
  }

  /**
   * Returns a sentence about the entry under {@code deny} that denies this caller; empty if none
   * does. Without an address, entries with addresses are left out.
   */
  public static Optional<String> denyReason(
      Principal caller, Optional<ClientAddress> from, Configuration configuration, Instant now) {
    ClientAddress any = new ClientAddress(InetAddress.getLoopbackAddress());
    return configuration.deny().stream()
        .filter(entry -> from.isPresent() || entry.addresses().isEmpty())
        .filter(entry -> entry.denies(caller, from.orElse(any), now))
        .map(
            entry ->
                "an entry under deny matches the caller"
                    + entry.note().map(note -> " (" + note + ")").orElse(""))
        .findFirst();
  }

  private static String issuer(Configuration configuration) {
    for (AuthenticationSettings method : configuration.authentication()) {
      Optional<String> issuer = AuthenticationSettings.issuer(method);
      if (issuer.isPresent()) {
        return issuer.get();
      }
    }
    return AuthenticationMethod.Passwords.ISSUER;
  }

  /** Returns the issuer's name for its groups claim. */
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

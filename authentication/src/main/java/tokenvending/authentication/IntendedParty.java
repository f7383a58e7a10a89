package tokenvending.authentication;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tokenvending.authentication.JwtRules.CognitoRules;
import tokenvending.authentication.JwtRules.OidcRules;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.text.Json;

/**
 * Decides whether a token with a valid signature is intended for this service, by its audience, the
 * client that it was issued to, and its type.
 */
final class IntendedParty {
  private IntendedParty() {}

  /** Returns why the token is for another party or purpose; empty if it is for this service. */
  static Optional<Reason> refusal(JwtRules rules, Json.Members claims) {
    // OpenID Connect Back-Channel Logout 1.0 §2.4, RFC 8417 §2.2: a security event, such as a
    // logout, does not authenticate a caller.
    if (claims.has("events")) {
      return Optional.of(Reason.WRONG_TOKEN_USE);
    }
    return switch (rules) {
      case OidcRules oidc -> refusal(oidc, claims);
      case CognitoRules(String _, String clientId) -> refusal(clientId, claims);
    };
  }

  private static Optional<Reason> refusal(OidcRules rules, Json.Members claims) {
    Set<Json> audiences = values(claims, "aud");
    boolean isAudience =
        rules.audiences().isEmpty()
            || rules.audiences().stream().map(Json.Text::new).anyMatch(audiences::contains);
    if (!isAudience) {
      return Optional.of(Reason.WRONG_AUDIENCE);
    }
    // OpenID Connect Core §3.1.3.7: with several audiences, the authorized party must match.
    boolean partyCounts = !rules.clientIds().isEmpty() || audiences.size() > 1;
    return !partyCounts || isIssuedTo(rules.parties(), claims)
        ? Optional.empty()
        : Optional.of(Reason.WRONG_AUTHORIZED_PARTY);
  }

  /** Checks {@code azp} and {@code client_id} (RFC 9068 §2.2); both must match if both exist. */
  private static boolean isIssuedTo(Set<String> parties, Json.Members claims) {
    List<Json> named = new ArrayList<>();
    claims.find("azp").ifPresent(named::add);
    claims.find("client_id").ifPresent(named::add);
    return !named.isEmpty()
        && named.stream()
            .allMatch(party -> party instanceof Json.Text(String id) && parties.contains(id));
  }

  private static Optional<Reason> refusal(String clientId, Json.Members claims) {
    return switch (claims.text("token_use").orElse("")) {
      case "id" ->
          claims.text("aud").equals(Optional.of(clientId))
              ? Optional.empty()
              : Optional.of(Reason.WRONG_AUDIENCE);
      case "access" ->
          // An access token with an audience was requested for another resource server.
          claims.text("client_id").equals(Optional.of(clientId)) && !claims.has("aud")
              ? Optional.empty()
              : Optional.of(Reason.WRONG_AUDIENCE);
      default -> Optional.of(Reason.WRONG_TOKEN_USE);
    };
  }

  /** Returns the distinct values of a claim that is one value or a list. */
  private static Set<Json> values(Json.Members claims, String name) {
    Set<Json> values = new HashSet<>();
    claims
        .find(name)
        .ifPresent(
            claim -> {
              if (claim instanceof Json.Items(List<Json> items)) {
                values.addAll(items);
              } else {
                values.add(claim);
              }
            });
    values.removeIf(Json.Null.class::isInstance);
    return values;
  }
}

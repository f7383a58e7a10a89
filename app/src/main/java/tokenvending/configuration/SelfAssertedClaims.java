package tokenvending.configuration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.configuration.Shape.Numbered;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;

/**
 * Finds rules that rely on claims that users can usually set themselves (OpenID Connect Core §5.1;
 * by §5.7 only {@code iss} and {@code sub} identify a user), for issuers whose {@code
 * trusted-claims} do not list them.
 */
final class SelfAssertedClaims {
  /** Claims that users control; each includes the claims inside it. */
  private static final Set<String> SELF_ASSERTED =
      Set.of(
          "address",
          "birthdate",
          "display_name",
          "displayname",
          "email",
          "family_name",
          "gender",
          "given_name",
          "locale",
          "middle_name",
          "name",
          "nickname",
          "phone_number",
          "picture",
          "preferred_username",
          "profile",
          "unique_name",
          "unsafe_metadata",
          "upn",
          "user_metadata",
          "website",
          "zoneinfo");

  /**
   * Amazon Cognito's custom attributes: every app client can write them unless configured
   * otherwise.
   */
  private static final String CUSTOM_ATTRIBUTE = "custom:";

  private static final Pattern IN_TEMPLATE = Pattern.compile("\\$\\{claims\\.([^{}]*)}");

  private final List<Numbered<AuthenticationSettings>> authentication;

  SelfAssertedClaims(List<Numbered<AuthenticationSettings>> authentication) {
    this.authentication = List.copyOf(authentication);
  }

  /** Returns the warnings of one rule by path. */
  Map<String, String> warnings(RuleDocument rule) {
    Map<String, String> warnings = new LinkedHashMap<>();
    rule.when()
        .claims()
        .keySet()
        .forEach(claim -> warn(warnings, ".when.claims." + claim, rule.when(), Set.of(claim)));
    rule.tokenId().ifPresent(text -> warn(warnings, ".token-id", rule.when(), claimsIn(text)));
    for (int i = 0; i < rule.permissions().size(); i++) {
      PermissionDocument permission = rule.permissions().get(i);
      Set<String> claims = new TreeSet<>(claimsIn(permission.cache()));
      claims.addAll(claimsIn(permission.target()));
      warn(warnings, ".permissions[" + i + "]", rule.when(), claims);
    }
    return warnings;
  }

  /** Returns a warning about taking groups from this claim, if there is one. */
  static Optional<String> warning(String groupsClaim, Set<String> trusted) {
    return isSelfAsserted(groupsClaim) && !isTrusted(groupsClaim, trusted)
        ? Optional.of(message(groupsClaim, "this issuer"))
        : Optional.empty();
  }

  private void warn(
      Map<String, String> warnings, String path, ConditionDocument when, Set<String> claims) {
    for (String claim : claims) {
      if (!isSelfAsserted(claim) || isVerified(claim, when)) {
        continue;
      }
      List<String> issuers = new ArrayList<>();
      for (Numbered<AuthenticationSettings> method : authentication) {
        trust(method.value())
            .filter(trust -> mayMatch(when, trust.issuer()))
            .filter(trust -> !isTrusted(claim, trust.claims()))
            .ifPresent(trust -> issuers.add(trust.issuer().orElse("the stack's user pool")));
      }
      if (!issuers.isEmpty()) {
        warnings.putIfAbsent(path, message(claim, String.join(", ", issuers)));
      }
    }
  }

  private static String message(String claim, String issuers) {
    String verified =
        switch (claim) {
          case "email", "phone_number" ->
              " or require `%s_verified: \"true\"` in `when: { claims: … }`".formatted(claim);
          default -> "";
        };
    return ("users can usually set the claim %s themselves: use a claim that %s controls, or list"
            + " %s under the issuer's trusted-claims%s")
        .formatted(claim, issuers, claim, verified);
  }

  private static boolean isSelfAsserted(String claim) {
    return SELF_ASSERTED.contains(outermost(claim)) || claim.startsWith(CUSTOM_ATTRIBUTE);
  }

  private static boolean isTrusted(String claim, Set<String> trusted) {
    return trusted.contains(claim) || trusted.contains(outermost(claim));
  }

  /** Returns the outermost claim of a path, such as {@code address} for {@code address.country}. */
  private static String outermost(String claim) {
    int dot = claim.indexOf('.');
    return dot > 0 ? claim.substring(0, dot) : claim;
  }

  /**
   * Whether the rule requires that the issuer verified the address or number (OpenID Connect Core
   * §5.1).
   */
  private static boolean isVerified(String claim, ConditionDocument when) {
    return Set.of("email", "phone_number").contains(claim)
        && List.of("true").equals(when.claims().get(claim + "_verified"));
  }

  private static boolean mayMatch(ConditionDocument when, Optional<String> issuer) {
    List<String> wanted = when.claims().get("iss");
    return wanted == null || issuer.map(wanted::contains).orElse(true);
  }

  /** The trusted claims of an issuer. */
  private record Trust(Optional<String> issuer, Set<String> claims) {}

  private static Optional<Trust> trust(AuthenticationSettings method) {
    return switch (method) {
      case AuthenticationSettings.Oidc oidc ->
          Optional.of(new Trust(Optional.of(oidc.issuer().toString()), oidc.trustedClaims()));
      case AuthenticationSettings.Cognito cognito ->
          Optional.of(
              new Trust(cognito.effectiveIssuer().map(Object::toString), cognito.trustedClaims()));
      case AuthenticationSettings.Password _, AuthenticationSettings.Open _ -> Optional.empty();
    };
  }

  private static Set<String> claimsIn(SelectorDocument selector) {
    return switch (selector) {
      case SelectorDocument.All() -> Set.of();
      case SelectorDocument.Exact(String text) -> claimsIn(text);
      case SelectorDocument.Prefix(String text) -> claimsIn(text);
    };
  }

  private static Set<String> claimsIn(String template) {
    Set<String> claims = new TreeSet<>();
    Matcher places = IN_TEMPLATE.matcher(template);
    while (places.find()) {
      claims.add(places.group(1));
    }
    return claims;
  }
}

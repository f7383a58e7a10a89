package tokenvending.authentication;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tokenvending.authentication.JwtRules.CognitoRules;
import tokenvending.authentication.JwtRules.OidcRules;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.AuthenticationResult.Undecidable;
import tokenvending.identity.Authenticator;
import tokenvending.identity.Claim;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.BearerToken;
import tokenvending.identity.Principal;

/**
 * Verifies the JWTs of one issuer (RFC 7519, RFC 8725): what they look like, who signed them, for
 * whom they are and when they hold. Keys come from the issuer's key set only, never from the token.
 */
public final class JwtAuthenticator implements Authenticator {
  /** How far apart the issuer's clock and ours may be. */
  static final Duration SKEW = Duration.ofSeconds(60);

  private static final int LONGEST_SUBJECT = 255;

  /** RFC 6750 §3: no error code for a caller who showed nothing. */
  private static final String CHALLENGE = "Bearer realm=\"token-vending\"";

  private static final List<String> INVALID_TOKEN =
      List.of(CHALLENGE + ", error=\"invalid_token\"");

  // Names a key or a processing rule of the sender's choice, or belongs to encryption.
  private static final Set<String> REFUSED_HEADERS =
      Set.of(
          "jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc", "epk", "apu", "apv", "iv", "tag",
          "p2s", "p2c");

  // A token made for another purpose (a logout token, a DPoP proof) says so here (RFC 8725 §3.11).
  private static final Set<String> TYPES =
      Set.of("jwt", "application/jwt", "at+jwt", "application/at+jwt");

  private final JwtRules rules;
  private final JwksSource keys;
  private final InstantSource clock;

  public JwtAuthenticator(JwtRules rules, JwksSource keys, InstantSource clock) {
    this.rules = rules;
    this.keys = keys;
    this.clock = clock;
  }

  /** Only a well-formed token that names this issuer. */
  @Override
  public boolean recognises(PresentedCredential credential) {
    return credential instanceof BearerToken(var token)
        && CompactJwt.parse(token).filter(this::namesOurIssuer).isPresent();
  }

  @Override
  public AuthenticationResult authenticate(PresentedCredential credential, Attempt attempt) {
    if (!(credential instanceof BearerToken(var token))) {
      throw new IllegalArgumentException("called with a credential it does not recognise");
    }
    Optional<CompactJwt> parsed = CompactJwt.parse(token);
    if (parsed.isEmpty()) {
      return refused(Reason.MALFORMED_TOKEN);
    }
    CompactJwt jwt = parsed.get();
    if (!namesOurIssuer(jwt)) {
      return refused(Reason.WRONG_ISSUER);
    }
    if (!isPlainJws(jwt.header())) {
      return refused(Reason.MALFORMED_TOKEN);
    }
    Optional<SignatureAlgorithm> algorithm =
        jwt.header().text("alg").flatMap(SignatureAlgorithm::named);
    if (algorithm.isEmpty()) {
      return refused(Reason.UNACCEPTABLE_ALGORITHM);
    }
    return switch (keys.named(jwt.header().text("kid"))) {
      case JwksSource.OutOfReach(Duration retryAfter) -> new Undecidable(retryAfter);
      case JwksSource.Unknown() -> refused(Reason.UNKNOWN_KEY);
      case JwksSource.Found(List<VerificationKey> candidates) ->
          verified(jwt, algorithm.get(), candidates);
    };
  }

  @Override
  public List<String> challenges() {
    return List.of(CHALLENGE);
  }

  private AuthenticationResult verified(
      CompactJwt jwt, SignatureAlgorithm algorithm, List<VerificationKey> candidates) {
    List<VerificationKey> fitting = candidates.stream().filter(key -> key.fits(algorithm)).toList();
    if (fitting.isEmpty()) {
      return refused(Reason.UNACCEPTABLE_ALGORITHM);
    }
    if (fitting.size() > 1) {
      // Without a name that tells them apart, trying each would be guessing.
      return refused(Reason.UNKNOWN_KEY);
    }
    if (!fitting.getFirst().verifies(algorithm, jwt.signingInput(), jwt.signature())) {
      return refused(Reason.BAD_SIGNATURE);
    }
    return accepted(jwt.claims());
  }

  /** From here on the issuer's word stands; what is left is whether it is about us and now. */
  private AuthenticationResult accepted(Json.Members claims) {
    Instant now = clock.instant();
    Optional<Instant> expiry = instant(claims, "exp");
    if (expiry.isEmpty()) {
      return refused(Reason.MISSING_CLAIM);
    }
    if (!now.isBefore(expiry.get().plus(SKEW))) {
      return refused(Reason.EXPIRED);
    }
    for (String name : List.of("nbf", "iat")) {
      if (!claims.has(name)) {
        continue;
      }
      Optional<Instant> start = instant(claims, name);
      if (start.isEmpty()) {
        return refused(Reason.MALFORMED_TOKEN);
      }
      if (start.get().isAfter(now.plus(SKEW))) {
        return refused(Reason.NOT_YET_VALID);
      }
    }
    Optional<Reason> forSomebodyElse = refusal(claims);
    if (forSomebodyElse.isPresent()) {
      return refused(forSomebodyElse.get());
    }
    String subject = claims.text("sub").orElse("");
    if (subject.isEmpty() || subject.length() > LONGEST_SUBJECT) {
      return refused(Reason.MISSING_CLAIM);
    }
    return new Authenticated(
        Principal.verified(
            rules.issuer(),
            subject,
            Set.copyOf(texts(claims.find(rules.groupsClaim()))),
            kept(claims),
            expiry));
  }

  private Optional<Reason> refusal(Json.Members claims) {
    return switch (rules) {
      case OidcRules(String _, List<String> audiences, String _) ->
          texts(claims.find("aud")).stream().anyMatch(audiences::contains)
              ? Optional.empty()
              : Optional.of(Reason.WRONG_AUDIENCE);
      case CognitoRules(String _, String clientId) ->
          switch (claims.text("token_use").orElse("")) {
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
    };
  }

  private boolean namesOurIssuer(CompactJwt jwt) {
    return jwt.claims().text("iss").equals(Optional.of(rules.issuer()));
  }

  private static boolean isPlainJws(Json.Members header) {
    for (String name : REFUSED_HEADERS) {
      if (header.has(name)) {
        return false;
      }
    }
    if (header.has("kid") && header.text("kid").isEmpty()) {
      return false;
    }
    return !header.has("typ")
        || header
            .text("typ")
            .map(typ -> TYPES.contains(typ.toLowerCase(Locale.ROOT)))
            .orElse(false);
  }

  /** RFC 7519 §2, NumericDate: seconds, perhaps with a fraction, up to the year 9999. */
  private static Optional<Instant> instant(Json.Members claims, String name) {
    if (claims.find(name).orElse(new Json.Null()) instanceof Json.Numeral(String literal)) {
      double seconds = Double.parseDouble(literal);
      if (seconds >= 0 && seconds < 253_402_300_800.0) {
        return Optional.of(Instant.ofEpochMilli((long) (seconds * 1000)));
      }
    }
    return Optional.empty();
  }

  private static List<String> texts(Optional<Json> oneOrMany) {
    return switch (oneOrMany.orElse(new Json.Null())) {
      case Json.Text(String one) -> List.of(one);
      case Json.Items(List<Json> many) -> {
        Set<String> texts = new HashSet<>();
        for (Json item : many) {
          if (item instanceof Json.Text(String text)) {
            texts.add(text);
          }
        }
        yield List.copyOf(texts);
      }
      case Json.Numeral _, Json.Bool _, Json.Null _, Json.Members _ -> List.of();
    };
  }

  private static Map<String, Claim> kept(Json.Members claims) {
    Map<String, Claim> kept = new HashMap<>();
    claims
        .values()
        .forEach(
            (name, value) -> {
              if (value instanceof Json.Items(List<Json> items)) {
                List<String> values = new ArrayList<>();
                items.forEach(item -> scalar(item).ifPresent(values::add));
                kept.put(name, new Claim.Many(values));
              } else {
                scalar(value).ifPresent(one -> kept.put(name, new Claim.One(one)));
              }
            });
    return kept;
  }

  private static Optional<String> scalar(Json value) {
    return switch (value) {
      case Json.Text(String text) -> Optional.of(text);
      case Json.Numeral(String literal) -> Optional.of(literal);
      case Json.Bool(boolean bool) -> Optional.of(String.valueOf(bool));
      case Json.Null _, Json.Items _, Json.Members _ -> Optional.empty();
    };
  }

  private static Unauthenticated refused(Reason reason) {
    return new Unauthenticated(reason, INVALID_TOKEN);
  }
}

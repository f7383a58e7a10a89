package tokenvending.authentication;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tokenvending.authentication.JwksSource.Found;
import tokenvending.authentication.JwksSource.Named;
import tokenvending.authentication.JwksSource.Only;
import tokenvending.authentication.VerifiedTokens.Digest;
import tokenvending.authentication.VerifiedTokens.Entry;
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
import tokenvending.text.Json;
import tokenvending.text.PlainText;

/**
 * Verifies the JWTs of one issuer (RFC 7519, RFC 8725): form, signature, audience and time. Keys
 * come only from the issuer's key set, never from the token. The signature of a verified token is
 * not checked again while its key is in the key set; the time is checked on each request.
 * Thread-safe.
 */
public final class JwtAuthenticator implements Authenticator {
  /** The largest accepted difference between the issuer's clock and this one. */
  static final Duration SKEW = Duration.ofSeconds(60);

  private static final int LONGEST_SUBJECT = 255;

  /** The challenge without an error code, for a request without a credential (RFC 6750 §3). */
  private static final String CHALLENGE = "Bearer realm=\"token-vending\"";

  private static final List<String> INVALID_TOKEN =
      List.of(CHALLENGE + ", error=\"invalid_token\"");

  // Headers that change how the token is processed, or belong to encryption. Those that name a key
  // ("jku", "jwk", "x5u", "x5c") are ignored, because keys come only from the issuer's key set.
  private static final Set<String> REFUSED_HEADERS =
      Set.of("crit", "b64", "zip", "enc", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c");

  private static final Pattern ACCESS_TOKEN =
      Pattern.compile("(?:application/)?at\\+jwt", Pattern.CASE_INSENSITIVE);

  private final JwtRules rules;
  private final JwksSource keys;
  private final InstantSource clock;
  private final VerifiedTokens verified = new VerifiedTokens();

  /**
   * Creates an authenticator. It caches verified tokens, so keep it while the rules do not change.
   */
  public JwtAuthenticator(JwtRules rules, JwksSource keys, InstantSource clock) {
    this.rules = rules;
    this.keys = keys;
    this.clock = clock;
  }

  /** Responsible only for a well-formed token that names this issuer. */
  @Override
  public Optional<AuthenticationResult> authenticate(
      PresentedCredential credential, Attempt attempt) {
    if (!(credential instanceof BearerToken(var token)) || token.length() > CompactJwt.LONGEST) {
      return Optional.empty();
    }
    Digest digest = Digest.of(token);
    Optional<Principal> known = verified.find(digest).filter(this::stillHolds).map(Entry::caller);
    if (known.isPresent()) {
      return Optional.of(new Authenticated(known.get()));
    }
    return CompactJwt.parse(token).filter(this::namesOurIssuer).map(jwt -> judge(jwt, digest));
  }

  /**
   * Whether a cached token is still valid by time and key set. If not, it is verified again, which
   * also finds the reason.
   */
  private boolean stillHolds(Entry entry) {
    Instant now = clock.instant();
    return now.isBefore(entry.end())
        && !entry.start().isAfter(now)
        && keys.named(entry.keyId()) instanceof Found found
        && found.onlyFitting(entry.algorithm()) instanceof Only(VerificationKey key)
        && key == entry.key();
  }

  private AuthenticationResult judge(CompactJwt jwt, Digest digest) {
    if (!isPlainJws(jwt.header())) {
      return refused(Reason.MALFORMED_TOKEN);
    }
    if (jwt.header().text("typ").filter(JwtAuthenticator::isOfAnotherKind).isPresent()) {
      return refused(Reason.WRONG_TOKEN_USE);
    }
    Optional<SignatureAlgorithm> named =
        jwt.header().text("alg").flatMap(SignatureAlgorithm::named);
    if (named.isEmpty()) {
      return refused(Reason.ALGORITHM_NOT_ALLOWED);
    }
    SignatureAlgorithm algorithm = named.get();
    Optional<String> keyId = jwt.header().text("kid");
    Named held = keys.named(keyId);
    AuthenticationResult result = judge(jwt, digest, algorithm, held);
    if (held instanceof Found found && isAboutTheKey(result)) {
      // The issuer can have reassigned the key id to another key.
      return keys.changedSince(found, keyId)
          .map(changed -> judge(jwt, digest, algorithm, changed))
          .orElse(result);
    }
    return result;
  }

  private AuthenticationResult judge(
      CompactJwt jwt, Digest digest, SignatureAlgorithm algorithm, Named held) {
    return switch (held) {
      case JwksSource.OutOfReach(Duration retryAfter) -> new Undecidable(retryAfter);
      case JwksSource.Unknown() -> refused(Reason.UNKNOWN_KEY);
      case Found found ->
          switch (found.onlyFitting(algorithm)) {
            case JwksSource.NoneFits() -> refused(Reason.ALGORITHM_NOT_ALLOWED);
            // The token does not say which key to use, and trying each one would be guessing.
            case JwksSource.ManyFit() -> refused(Reason.UNKNOWN_KEY);
            case Only(VerificationKey key) ->
                key.verifies(algorithm, jwt.signingInput(), jwt.signature())
                    ? accepted(
                        jwt.claims(), new Proof(digest, jwt.header().text("kid"), algorithm, key))
                    : refused(Reason.BAD_SIGNATURE);
          };
    };
  }

  private static boolean isAboutTheKey(AuthenticationResult result) {
    return result instanceof Unauthenticated(Reason reason, List<String> _)
        && (reason == Reason.BAD_SIGNATURE || reason == Reason.ALGORITHM_NOT_ALLOWED);
  }

  @Override
  public List<String> challenges() {
    return List.of(CHALLENGE);
  }

  /** The verified token, and the key that verified it. */
  private record Proof(
      Digest digest, Optional<String> keyId, SignatureAlgorithm algorithm, VerificationKey key) {}

  /** Checks the claims of a token with a valid signature: its intended party and its time. */
  private AuthenticationResult accepted(Json.Members claims, Proof proof) {
    Instant now = clock.instant();
    Optional<Instant> expiry = instant(claims, "exp");
    if (expiry.isEmpty()) {
      return refused(Reason.MISSING_CLAIM);
    }
    Instant end = expiry.get().plus(SKEW);
    if (!now.isBefore(end)) {
      return refused(Reason.EXPIRED);
    }
    Instant latestStart = Instant.MIN;
    for (String name : List.of("nbf", "iat")) {
      if (!claims.has(name)) {
        continue;
      }
      Optional<Instant> start = instant(claims, name);
      if (start.isEmpty()) {
        return refused(Reason.MALFORMED_TOKEN);
      }
      Instant earliest = start.get().minus(SKEW);
      if (earliest.isAfter(now)) {
        return refused(Reason.NOT_YET_VALID);
      }
      latestStart = earliest.isAfter(latestStart) ? earliest : latestStart;
    }
    Optional<Reason> forAnotherParty = IntendedParty.refusal(rules, claims);
    if (forAnotherParty.isPresent()) {
      return refused(forAnotherParty.get());
    }
    String subject = claims.text("sub").orElse("");
    if (PlainText.isBlank(subject) || subject.length() > LONGEST_SUBJECT) {
      return refused(Reason.MISSING_CLAIM);
    }
    Map<String, Claim> kept = JwtClaims.of(claims);
    Principal caller =
        Principal.verified(
            rules.issuer(), subject, JwtClaims.groups(claims, rules.groupsClaim()), kept, expiry);
    verified.put(
        proof.digest(),
        new Entry(caller, latestStart, end, proof.keyId(), proof.algorithm(), proof.key()),
        VerifiedTokens.weight(kept));
    return new Authenticated(caller);
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
    return isTextOrAbsent(header, "kid") && isTextOrAbsent(header, "typ");
  }

  private static boolean isTextOrAbsent(Json.Members header, String name) {
    return !header.has(name) || header.text(name).isPresent();
  }

  /**
   * Whether the type is that of another kind of token (explicit typing, RFC 8725 §3.11): {@code
   * logout+jwt}, {@code dpop+jwt}, {@code secevent+jwt} and every other structured type except that
   * of an access token (RFC 9068 §2.1). Other values have no meaning.
   */
  private static boolean isOfAnotherKind(String type) {
    return type.contains("+") && !ACCESS_TOKEN.matcher(type).matches();
  }

  /** Parses a NumericDate (RFC 7519 §2): seconds, possibly with a fraction, up to the year 9999. */
  private static Optional<Instant> instant(Json.Members claims, String name) {
    if (claims.find(name).orElse(new Json.Null()) instanceof Json.Numeral(String literal)) {
      double seconds = Double.parseDouble(literal);
      if (seconds >= 0 && seconds < 253_402_300_800.0) {
        return Optional.of(Instant.ofEpochMilli((long) (seconds * 1000)));
      }
    }
    return Optional.empty();
  }

  private static Unauthenticated refused(Reason reason) {
    return new Unauthenticated(reason, INVALID_TOKEN);
  }
}

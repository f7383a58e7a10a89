package tokenvending.identity;

import java.time.Duration;
import java.util.List;

/** The result of an {@link Authenticator}. Only {@link Authenticated} lets a caller continue. */
public sealed interface AuthenticationResult {
  record Authenticated(Principal principal) implements AuthenticationResult {}

  /**
   * The credential is missing or invalid.
   *
   * @param reason for the audit log, never for the caller
   * @param challenges values for {@code WWW-Authenticate} (RFC 9110 §11.6.1), one for each method
   */
  record Unauthenticated(Reason reason, List<String> challenges) implements AuthenticationResult {
    public Unauthenticated {
      challenges = List.copyOf(challenges);
    }
  }

  /** Too many wrong attempts; the credential was not checked. */
  record LoginThrottled(Duration retryAfter) implements AuthenticationResult {}

  /** It cannot be decided now: the issuer's keys or the users cannot be read. */
  record Undecidable(Duration retryAfter) implements AuthenticationResult {}

  /** Why a credential was refused. */
  enum Reason {
    NO_CREDENTIAL,
    MALFORMED_CREDENTIAL,
    NO_AUTHENTICATION_METHOD,
    WRONG_PASSWORD,
    MALFORMED_TOKEN,
    ALGORITHM_NOT_ALLOWED,
    UNKNOWN_KEY,
    BAD_SIGNATURE,
    WRONG_AUDIENCE,
    WRONG_AUTHORIZED_PARTY,
    WRONG_TOKEN_USE,
    EXPIRED,
    NOT_YET_VALID,
    MISSING_CLAIM
  }
}

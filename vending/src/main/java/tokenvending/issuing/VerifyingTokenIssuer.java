package tokenvending.issuing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.regex.Pattern;
import tokenvending.identity.Attempt;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.network.HostName;
import tokenvending.policy.Grant;

/**
 * Checks each minted token before it leaves: a token that lives longer than granted, or cannot
 * work, is dropped.
 */
public final class VerifyingTokenIssuer implements TokenIssuer {
  /** The largest accepted difference between the token service's clock and this one. */
  public static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

  /**
   * The longest accepted token, in bytes. The key in it is sent as an HTTP header value, for which
   * servers commonly allow 8 KiB; with the endpoint, in base64, that is this length.
   */
  static final int TOKEN_LIMIT = 11_300;

  private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}$");

  private final TokenIssuer issuer;
  private final InstantSource clock;

  public VerifyingTokenIssuer(TokenIssuer issuer, InstantSource clock) {
    this.issuer = issuer;
    this.clock = clock;
  }

  @Override
  public IssueResult issue(Grant grant, Attempt attempt) {
    IssueResult result = issuer.issue(grant, attempt);
    return switch (result) {
      case Issued(VendedToken token, boolean reused) ->
          isSound(token, grant) ? result : new UpstreamFault(Category.INVALID_RESPONSE);
      case IssueResult.Unavailable unavailable -> unavailable;
      case UpstreamFault fault -> fault;
    };
  }

  private boolean isSound(VendedToken token, Grant grant) {
    Instant now = clock.instant();
    return !token.token().isEmpty()
        && token.token().length() <= TOKEN_LIMIT
        && HostName.isValid(PORT.matcher(token.endpoint()).replaceFirst(""))
        && token.expiresAt().isAfter(now)
        && !token.expiresAt().isAfter(now.plus(grant.ttl()).plus(CLOCK_SKEW))
        && token.tokenId().equals(grant.tokenId());
  }
}

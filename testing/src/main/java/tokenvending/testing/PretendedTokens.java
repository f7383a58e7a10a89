package tokenvending.testing;

import java.util.List;
import java.util.Map;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.BearerToken;

/**
 * A way in for bearer tokens whose results a test writes down. It recognises every bearer token and
 * calls an unknown one malformed.
 */
public final class PretendedTokens implements Authenticator {
  /** What it answers in {@code WWW-Authenticate}. */
  public static final String CHALLENGE = "Bearer realm=\"pretended\"";

  private final Map<String, AuthenticationResult> results;

  public PretendedTokens(Map<String, AuthenticationResult> results) {
    this.results = Map.copyOf(results);
  }

  @Override
  public boolean recognises(PresentedCredential credential) {
    return credential instanceof BearerToken;
  }

  @Override
  public AuthenticationResult authenticate(PresentedCredential credential, Attempt attempt) {
    if (!(credential instanceof BearerToken(var token))) {
      throw new IllegalArgumentException("not recognised, so not to be asked about");
    }
    return results.getOrDefault(
        token.reveal(),
        new AuthenticationResult.Unauthenticated(
            AuthenticationResult.Reason.MALFORMED_TOKEN, challenges()));
  }

  @Override
  public List<String> challenges() {
    return List.of(CHALLENGE);
  }
}

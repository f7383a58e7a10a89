package tokenvending.testing;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.BearerToken;

/**
 * A way in for bearer tokens whose results a test writes down. It judges every bearer token and
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
  public Optional<AuthenticationResult> authenticate(
      PresentedCredential credential, Attempt attempt) {
    if (!(credential instanceof BearerToken(var token))) {
      return Optional.empty();
    }
    return Optional.of(
        results.getOrDefault(
            token.reveal(),
            new AuthenticationResult.Unauthenticated(
                AuthenticationResult.Reason.MALFORMED_TOKEN, challenges())));
  }

  @Override
  public List<String> challenges() {
    return List.of(CHALLENGE);
  }
}

package tokenvending.testing;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.BearerToken;

/** Authenticates bearer tokens with results that a test defines. An unknown token is malformed. */
public final class FakeTokenAuthenticator implements Authenticator {
  /** Its {@code WWW-Authenticate} challenge. */
  public static final String CHALLENGE = "Bearer realm=\"pretended\"";

  private final Map<String, AuthenticationResult> results;

  public FakeTokenAuthenticator(Map<String, AuthenticationResult> results) {
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

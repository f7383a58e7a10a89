package tokenvending.testing;

import java.util.List;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;

/** Authenticates every request as the caller that the test set last. */
public final class FixedCallerAuthenticator implements Authenticator {
  private volatile Principal caller = Principal.anonymous();

  /** Sets the caller. */
  public void is(Principal next) {
    caller = next;
  }

  @Override
  public Optional<AuthenticationResult> authenticate(
      PresentedCredential credential, Attempt attempt) {
    return Optional.of(new AuthenticationResult.Authenticated(caller));
  }

  @Override
  public List<String> challenges() {
    return List.of();
  }
}

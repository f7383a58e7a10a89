package tokenvending.testing;

import java.util.List;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;

/** A way in by which everybody is who the test said last. */
public final class GivenCaller implements Authenticator {
  private volatile Principal caller = Principal.anonymous();

  /** From now on everybody is this caller. */
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

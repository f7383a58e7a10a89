package tokenvending.application;

import java.util.List;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;

/** Authenticates the caller that the operator describes on the command line. */
record DescribedCallerAuthenticator(Principal caller) implements Authenticator {
  @Override
  public Optional<AuthenticationResult> authenticate(
      PresentedCredential credential, Attempt attempt) {
    return Optional.of(new Authenticated(caller));
  }

  @Override
  public List<String> challenges() {
    return List.of();
  }
}

package tokenvending.testing;

import java.util.List;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;

/** Authenticates requests without a credential as anonymous callers. */
public final class AnonymousAuthenticator implements Authenticator {
  @Override
  public Optional<AuthenticationResult> authenticate(
      PresentedCredential credential, Attempt attempt) {
    return credential instanceof PresentedCredential.None
        ? Optional.of(new AuthenticationResult.Authenticated(Principal.anonymous()))
        : Optional.empty();
  }

  @Override
  public List<String> challenges() {
    return List.of();
  }
}

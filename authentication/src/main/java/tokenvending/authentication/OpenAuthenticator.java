package tokenvending.authentication;

import java.util.List;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;

/**
 * Accepts requests without a credential. It is not responsible for a credential of any kind, so
 * that an invalid one is never treated as none.
 */
public final class OpenAuthenticator implements Authenticator {
  @Override
  public Optional<AuthenticationResult> authenticate(
      PresentedCredential credential, Attempt attempt) {
    return credential instanceof PresentedCredential.None
        ? Optional.of(new Authenticated(Principal.anonymous()))
        : Optional.empty();
  }

  @Override
  public List<String> challenges() {
    return List.of();
  }
}

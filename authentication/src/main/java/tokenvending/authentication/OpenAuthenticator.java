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
 * Accepts callers without a credential. A credential of any kind, even a bad one, is not its
 * business, so that a bad one is never as good as none.
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

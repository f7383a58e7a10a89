package tokenvending.authentication;

import java.util.List;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;

/**
 * Lets in whoever shows nothing. A credential of any kind, even a bad one, is not its business, so
 * that a bad one is never as good as none.
 */
public final class OpenAuthenticator implements Authenticator {
  @Override
  public boolean recognises(PresentedCredential credential) {
    return credential instanceof PresentedCredential.None;
  }

  @Override
  public AuthenticationResult authenticate(PresentedCredential credential, Attempt attempt) {
    if (!recognises(credential)) {
      throw new IllegalArgumentException("called with a credential it does not recognise");
    }
    return new Authenticated(Principal.anonymous());
  }

  @Override
  public List<String> challenges() {
    return List.of();
  }
}

package tokenvending.testing;

import java.util.List;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;

/** A way in that lets in whoever shows nothing. */
public final class OpenDoor implements Authenticator {
  @Override
  public boolean recognises(PresentedCredential credential) {
    return credential instanceof PresentedCredential.None;
  }

  @Override
  public AuthenticationResult authenticate(PresentedCredential credential, Attempt attempt) {
    return new AuthenticationResult.Authenticated(Principal.anonymous());
  }

  @Override
  public List<String> challenges() {
    return List.of();
  }
}

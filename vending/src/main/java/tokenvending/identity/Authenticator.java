package tokenvending.identity;

import java.util.List;
import java.util.Optional;

/** Verifies credentials of one kind from one source. Thread-safe. */
public interface Authenticator {
  /**
   * Verifies the credential; can block. Empty if this authenticator is not responsible for it: by
   * its form or, for a JWT, by its unverified issuer. The first responsible authenticator decides.
   */
  Optional<AuthenticationResult> authenticate(PresentedCredential credential, Attempt attempt);

  /**
   * The {@code WWW-Authenticate} challenges for a request without a credential; empty for a method
   * that has none.
   */
  List<String> challenges();
}

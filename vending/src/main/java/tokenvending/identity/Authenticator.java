package tokenvending.identity;

import java.util.List;
import java.util.Optional;

/** Verifies credentials of one kind from one source. Thread-safe. */
public interface Authenticator {
  /**
   * Verifies the credential; may block. Empty where it is not this authenticator's to judge, by its
   * form and, for a JWT, by the issuer it names (unverified). The first authenticator that judges
   * decides; there is no second opinion.
   */
  Optional<AuthenticationResult> authenticate(PresentedCredential credential, Attempt attempt);

  /**
   * What to answer in {@code WWW-Authenticate} to a caller who showed nothing; empty for a method
   * without one.
   */
  List<String> challenges();
}

package tokenvending.identity;

import java.util.List;

/** One way in: verifies credentials of one kind from one source. Thread-safe. */
public interface Authenticator {
  /**
   * Whether this credential is this authenticator's to judge, by its form and, for a JWT, by the
   * issuer it names (unverified). The first authenticator that says yes decides; there is no second
   * opinion.
   */
  boolean recognises(PresentedCredential credential);

  /** Verifies the credential. Called only with one that it recognises; may block. */
  AuthenticationResult authenticate(PresentedCredential credential, Attempt attempt);

  /**
   * What to answer in {@code WWW-Authenticate} to a caller who showed nothing; empty for a way in
   * without one.
   */
  List<String> challenges();
}

package tokenvending.authentication;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.GatewayClaims;
import tokenvending.identity.Principal;

/**
 * Takes the word of our own API Gateway authorizer. The proof lies in who can make {@link
 * GatewayClaims}: nothing that a caller sends ever becomes one.
 */
public final class GatewayClaimsAuthenticator implements Authenticator {
  @Override
  public Optional<AuthenticationResult> authenticate(
      PresentedCredential credential, Attempt attempt) {
    if (!(credential instanceof GatewayClaims(var issuer, var subject, var groups))) {
      return Optional.empty();
    }
    if (issuer.isEmpty() || subject.isEmpty()) {
      return Optional.of(new Unauthenticated(Reason.MISSING_CLAIM, challenges()));
    }
    return Optional.of(
        new Authenticated(Principal.verified(issuer, subject, groups, Map.of(), Optional.empty())));
  }

  /** None: the gateway has challenged the caller before we hear of him. */
  @Override
  public List<String> challenges() {
    return List.of();
  }
}

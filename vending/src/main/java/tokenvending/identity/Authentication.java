package tokenvending.identity;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;

/**
 * Tries the authentication methods in the order of the file. The first one that is responsible for
 * a credential decides; an invalid credential never reaches a later method.
 */
public final class Authentication {
  /**
   * The challenge of RFC 6750 §3.1 for a rejected token. It is the same for every issuer, so that a
   * client cannot find out which issuers are configured. RFC 9110 §11.6.1 requires a challenge in
   * every 401, so it is also the default.
   */
  private static final String INVALID_TOKEN =
      "Bearer realm=\"token-vending\", error=\"invalid_token\"";

  private final List<Authenticator> methods;
  private final List<String> challenges;

  public Authentication(List<Authenticator> methods) {
    this.methods = List.copyOf(methods);
    List<String> all = new ArrayList<>();
    for (Authenticator method : methods) {
      for (String challenge : method.challenges()) {
        if (!all.contains(challenge)) {
          all.add(challenge);
        }
      }
    }
    this.challenges = all.isEmpty() ? List.of(INVALID_TOKEN) : List.copyOf(all);
  }

  public AuthenticationResult authenticate(PresentedCredential credential, Attempt attempt) {
    for (Authenticator method : methods) {
      Optional<AuthenticationResult> result = method.authenticate(credential, attempt);
      if (result.isPresent()) {
        return result.get();
      }
    }
    Reason reason =
        switch (credential) {
          case PresentedCredential.None() -> Reason.NO_CREDENTIAL;
          case PresentedCredential.Unreadable() -> Reason.MALFORMED_CREDENTIAL;
          case PresentedCredential.BearerToken(var token) -> Reason.NO_AUTHENTICATION_METHOD;
          case PresentedCredential.UserPassword(var user, var password) ->
              Reason.NO_AUTHENTICATION_METHOD;
        };
    boolean badToken =
        credential instanceof PresentedCredential.BearerToken
            && challenges.stream().anyMatch(challenge -> challenge.startsWith("Bearer"));
    return new Unauthenticated(reason, badToken ? List.of(INVALID_TOKEN) : challenges);
  }
}

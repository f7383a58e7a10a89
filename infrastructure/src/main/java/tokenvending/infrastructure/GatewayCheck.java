package tokenvending.infrastructure;

import java.util.List;
import java.util.Optional;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.AuthenticationSettings.Cognito;
import tokenvending.configuration.AuthenticationSettings.Oidc;
import tokenvending.configuration.AuthenticationSettings.Open;
import tokenvending.configuration.AuthenticationSettings.Password;
import tokenvending.configuration.AuthenticationSettings.UserPool;

/** The authorizer in front of the vend function. */
sealed interface GatewayCheck {
  /** No authorizer, because {@code open} accepts every caller. */
  record None() implements GatewayCheck {}

  /**
   * The authorizer function of this product.
   *
   * @param neededHeaders the gateway rejects a request that lacks one of them with 401; empty if
   *     callers without a credential are accepted
   */
  record OurAuthorizer(List<String> neededHeaders) implements GatewayCheck {
    public OurAuthorizer {
      neededHeaders = List.copyOf(neededHeaders);
    }
  }

  /**
   * API Gateway's built-in check of Cognito ID tokens.
   *
   * @param pools absent for the stack's own pool
   */
  record CognitoIdTokens(List<Optional<UserPool>> pools) implements GatewayCheck {
    public CognitoIdTokens {
      pools = List.copyOf(pools);
    }
  }

  /**
   * Returns the strictest check that accepts every caller that the file accepts.
   *
   * @param accessTokens whether to accept Cognito access tokens, which API Gateway's built-in check
   *     rejects
   */
  static GatewayCheck of(List<AuthenticationSettings> methods, boolean accessTokens) {
    if (methods.stream().allMatch(Open.class::isInstance)) {
      return new None();
    }
    boolean plainCognito =
        methods.stream()
            .allMatch(
                way ->
                    way instanceof Cognito cognito
                        && cognito.issuer().isEmpty()
                        && cognito.jwksUri().isEmpty());
    if (plainCognito && !accessTokens) {
      return new CognitoIdTokens(
          methods.stream()
              .filter(Cognito.class::isInstance)
              .map(Cognito.class::cast)
              .map(Cognito::pool)
              .toList());
    }
    // A password can be in its own headers, and an anonymous caller has none.
    boolean allBearers = methods.stream().allMatch(Oidc.class::isInstance);
    return new OurAuthorizer(allBearers ? List.of("Authorization") : List.of());
  }

  /**
   * Returns the challenge of the gateway's 401 (RFC 9110 §11.6.1), the same as that of the
   * functions.
   */
  static String challenge(List<AuthenticationSettings> methods) {
    boolean bearer =
        methods.stream().anyMatch(way -> way instanceof Oidc || way instanceof Cognito);
    boolean basic = methods.stream().anyMatch(Password.class::isInstance);
    String bearerWord = "Bearer realm=\"token-vending\"";
    String basicWord = "Basic realm=\"token-vending\", charset=\"UTF-8\"";
    if (bearer && basic) {
      return bearerWord + ", " + basicWord;
    }
    return basic ? basicWord : bearerWord;
  }
}

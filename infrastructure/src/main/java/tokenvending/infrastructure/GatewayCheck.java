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
  /** No authorizer: {@code open} accepts every caller. */
  record None() implements GatewayCheck {}

  /**
   * Our authorizer function.
   *
   * @param neededHeaders without one of these the gateway itself answers 401; only where no caller
   *     comes in without it
   */
  record OurAuthorizer(List<String> neededHeaders) implements GatewayCheck {
    public OurAuthorizer {
      neededHeaders = List.copyOf(neededHeaders);
    }
  }

  /**
   * API Gateway's own check of Cognito's ID tokens.
   *
   * @param pools absent: the stack's own
   */
  record CognitoIdTokens(List<Optional<UserPool>> pools) implements GatewayCheck {
    public CognitoIdTokens {
      pools = List.copyOf(pools);
    }
  }

  /**
   * The narrowest check that accepts every caller whom the file accepts.
   *
   * @param accessTokens whether Cognito's access tokens are to be taken too, which API Gateway's
   *     own check refuses
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
    // A password may come in headers of its own, and a guest comes with none.
    boolean allBearers = methods.stream().allMatch(Oidc.class::isInstance);
    return new OurAuthorizer(allBearers ? List.of("Authorization") : List.of());
  }

  /** What a 401 of the gateway asks for: RFC 9110 §11.6.1, as the functions themselves say it. */
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

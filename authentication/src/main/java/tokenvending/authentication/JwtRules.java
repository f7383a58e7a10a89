package tokenvending.authentication;

import java.util.List;

/** What an issuer's tokens must say to be meant for us, and where they name groups. */
public sealed interface JwtRules {
  /** The exact {@code iss}. */
  String issuer();

  /** The claim that lists the caller's groups. */
  String groupsClaim();

  /**
   * OpenID Connect: {@code aud}, a string or a list, names one of ours (OpenID Connect Core
   * §3.1.3.7, RFC 9068 §4).
   */
  record OidcRules(String issuer, List<String> audiences, String groupsClaim) implements JwtRules {
    public OidcRules {
      requireText(issuer, "issuer");
      audiences = List.copyOf(audiences);
      if (audiences.isEmpty()) {
        throw new IllegalArgumentException("an audience is needed");
      }
      audiences.forEach(audience -> requireText(audience, "audience"));
      requireText(groupsClaim, "groups claim");
    }
  }

  /**
   * Cognito: an ID token's {@code aud} is the client; an access token has no {@code aud}, its
   * {@code client_id} is the client. {@code token_use} tells them apart.
   */
  record CognitoRules(String issuer, String clientId) implements JwtRules {
    public CognitoRules {
      requireText(issuer, "issuer");
      requireText(clientId, "client id");
    }

    /** The rules of a user pool on AWS, whose issuer follows from its region and id. */
    public static CognitoRules ofPool(String region, String userPoolId, String clientId) {
      return new CognitoRules(
          "https://cognito-idp." + region + ".amazonaws.com/" + userPoolId, clientId);
    }

    @Override
    public String groupsClaim() {
      return "cognito:groups";
    }
  }

  private static void requireText(String value, String name) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("the " + name + " is empty");
    }
  }
}

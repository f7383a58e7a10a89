package tokenvending.authentication;

import java.util.List;
import java.util.Set;

/** What an issuer's tokens must say to be meant for us, and where they name groups. */
public sealed interface JwtRules {
  /** The exact {@code iss}. */
  String issuer();

  /** The claim that lists the caller's groups. */
  String groupsClaim();

  /**
   * OpenID Connect. A token is bound to this service by its audience, its client, or both.
   *
   * @param audiences one of them must be in {@code aud}, a string or a list (OpenID Connect Core
   *     §3.1.3.7, RFC 9068 §4); empty where the client alone decides
   * @param clientIds one of them must be in {@code azp} or {@code client_id}; empty where the
   *     audience alone decides
   * @param groupsClaim a claim's name, or a path to it (see {@link
   *     tokenvending.identity.Principal#claim})
   */
  record OidcRules(
      String issuer, List<String> audiences, List<String> clientIds, String groupsClaim)
      implements JwtRules {
    public OidcRules {
      requireText(issuer, "issuer");
      audiences = List.copyOf(audiences);
      clientIds = List.copyOf(clientIds);
      if (audiences.isEmpty() && clientIds.isEmpty()) {
        throw new IllegalArgumentException("an audience or a client id is needed");
      }
      audiences.forEach(audience -> requireText(audience, "audience"));
      clientIds.forEach(id -> requireText(id, "client id"));
      requireText(groupsClaim, "groups claim");
    }

    /** Whom a token may have been issued to: the clients, or else an audience that is a client. */
    Set<String> parties() {
      return Set.copyOf(clientIds.isEmpty() ? audiences : clientIds);
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

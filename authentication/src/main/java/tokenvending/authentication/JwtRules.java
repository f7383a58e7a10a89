package tokenvending.authentication;

import java.util.List;
import java.util.Set;

/** The requirements for an issuer's tokens, and the claim that contains groups. */
public sealed interface JwtRules {
  /** The exact value of {@code iss}. */
  String issuer();

  /** The claim that contains the caller's groups. */
  String groupsClaim();

  /**
   * The rules of an OpenID Connect issuer. A token is bound to this service by its audience, its
   * client, or both.
   *
   * @param audiences one of them must be in {@code aud}, a string or a list (OpenID Connect Core
   *     §3.1.3.7, RFC 9068 §4); empty if only the client is checked
   * @param clientIds one of them must be in {@code azp} or {@code client_id}; empty if only the
   *     audience is checked
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

    /** The parties to which a token can have been issued: the clients, or else the audiences. */
    Set<String> parties() {
      return Set.copyOf(clientIds.isEmpty() ? audiences : clientIds);
    }
  }

  /**
   * The rules of a Cognito user pool. An ID token has the client in {@code aud}; an access token
   * has no {@code aud}, and the client in {@code client_id}. {@code token_use} distinguishes them.
   */
  record CognitoRules(String issuer, String clientId) implements JwtRules {
    public CognitoRules {
      requireText(issuer, "issuer");
      requireText(clientId, "client id");
    }

    /** Returns the rules of a user pool on AWS, whose issuer follows from its region and id. */
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

package tokenvending.configuration;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tokenvending.policy.AuthenticationMethod;

/** One entry under {@code authentication}: an authentication method. */
public sealed interface AuthenticationSettings {
  /** Returns the issuer of a method's callers; empty for callers without one, and if unknown. */
  static Optional<String> issuer(AuthenticationSettings method) {
    return switch (method) {
      case Open() -> Optional.empty();
      case Password password -> Optional.of(AuthenticationMethod.Passwords.ISSUER);
      case Oidc oidc -> Optional.of(oidc.issuer().toString());
      case Cognito cognito -> cognito.effectiveIssuer().map(Object::toString);
    };
  }

  /** Whether a method authenticates callers by a JWT, so that they can have claims. */
  static boolean takesJwts(AuthenticationSettings method) {
    return switch (method) {
      case Open _, Password _ -> false;
      case Oidc _, Cognito _ -> true;
    };
  }

  /** Returns a sentence about an issuer that none of the methods has; empty if one has it. */
  static Optional<String> unknownIssuer(String issuer, List<AuthenticationSettings> methods) {
    return methods.stream()
            .anyMatch(method -> issuer(method).equals(Optional.of(issuer)) || isSupplied(method))
        ? Optional.empty()
        : Optional.of(
            "the policy has no authentication method for callers of the issuer " + issuer);
  }

  /** Whether the issuer is unknown here because the AWS stack creates the user pool. */
  private static boolean isSupplied(AuthenticationSettings method) {
    return method instanceof Cognito cognito && cognito.effectiveIssuer().isEmpty();
  }

  /**
   * Any issuer of JWTs.
   *
   * @param issuer compared with {@code iss} as written
   * @param audiences one of them must be in {@code aud}; empty if only clientIds are checked
   * @param clientIds one of them must be in {@code azp} or {@code client_id}; empty if only
   *     audiences are checked
   * @param webClientId the public client of the demo pages' sign-in; one of the audiences
   * @param jwksUri if absent, the address in the issuer's discovery document
   * @param groupsClaim the claim that contains a caller's groups, or a path to it
   * @param required whether the server is not ready while the issuer's keys cannot be used; if
   *     absent, only while no issuer's keys can
   * @param trustedClaims claims that users of this issuer cannot set themselves; for {@code check}
   *     only
   */
  record Oidc(
      URI issuer,
      List<String> audiences,
      List<String> clientIds,
      Optional<String> webClientId,
      Optional<URI> jwksUri,
      String groupsClaim,
      Optional<Boolean> required,
      Set<String> trustedClaims)
      implements AuthenticationSettings {
    public Oidc {
      audiences = List.copyOf(audiences);
      clientIds = List.copyOf(clientIds);
      trustedClaims = Set.copyOf(trustedClaims);
    }
  }

  /**
   * An Amazon Cognito user pool.
   *
   * @param pool absent only if the deployment supplies it
   * @param issuer replaces the pool's own issuer, for tests
   * @param jwksUri replaces the pool's own address, for tests
   * @param required as in {@link Oidc}
   * @param trustedClaims as in {@link Oidc}
   */
  record Cognito(
      Optional<UserPool> pool,
      Optional<URI> issuer,
      Optional<URI> jwksUri,
      Optional<Boolean> required,
      Set<String> trustedClaims)
      implements AuthenticationSettings {
    public Cognito {
      trustedClaims = Set.copyOf(trustedClaims);
    }

    /** Returns the issuer of the pool's tokens, if it is known. */
    public Optional<URI> effectiveIssuer() {
      return issuer.or(() -> pool.map(UserPool::issuer));
    }
  }

  /** A user pool and one of its clients. */
  record UserPool(String region, String id, String clientId) {
    URI issuer() {
      return URI.create("https://cognito-idp." + region + ".amazonaws.com/" + id);
    }
  }

  /**
   * The users of a users file.
   *
   * @param users a file or an AWS secret; {@link UsersReader} reads it
   */
  record Password(SecretReference users) implements AuthenticationSettings {}

  /** Anonymous callers. */
  record Open() implements AuthenticationSettings {}
}

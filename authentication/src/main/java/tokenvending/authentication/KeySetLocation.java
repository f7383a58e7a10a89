package tokenvending.authentication;

import java.net.URI;

/** The location of an issuer's keys: {@code https}, or {@code http} to a loopback address. */
public sealed interface KeySetLocation {
  /** The issuer: the {@code iss} of its tokens. */
  String issuer();

  /** The name in logs: without a query, which can contain a key. */
  default String label() {
    return switch (this) {
      case At(String _, URI jwks) -> jwks.getRawAuthority() + jwks.getRawPath();
      case Discovered(String issuer) -> issuer;
    };
  }

  /** A fixed address. */
  record At(String issuer, URI jwks) implements KeySetLocation {
    public At {
      if (!SafeAddress.isSafe(jwks)) {
        throw new IllegalArgumentException("a key set is read over https, or from loopback");
      }
    }
  }

  /** The address in the issuer's discovery document (OpenID Connect Discovery 1.0 §4). */
  record Discovered(String issuer) implements KeySetLocation {
    public Discovered {
      if (SafeAddress.parse(issuer).isEmpty()) {
        throw new IllegalArgumentException("an issuer is reached over https, or on loopback");
      }
    }

    URI document() {
      // Discovery §4.1: a slash at the end of the issuer is not doubled.
      String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
      return URI.create(base + "/.well-known/openid-configuration");
    }
  }
}

package tokenvending.authentication;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import java.util.Optional;

/**
 * The accepted signature algorithms (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). All use a public
 * key; {@code none} and HMAC are not supported.
 */
enum SignatureAlgorithm {
  RS256,
  RS384,
  RS512,
  PS256,
  PS384,
  PS512,
  ES256,
  ES384,
  ES512,
  EdDSA,
  /** The same as {@link #EdDSA} with an Ed25519 key (RFC 9864 §2.2). */
  Ed25519;

  JWSAlgorithm jws() {
    return JWSAlgorithm.parse(name());
  }

  /**
   * Returns an algorithm by its exact name; {@code none}, {@code NONE} and {@code rs256} are
   * unknown.
   */
  static Optional<SignatureAlgorithm> named(String name) {
    for (SignatureAlgorithm algorithm : values()) {
      if (algorithm.name().equals(name)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  boolean isForRsa() {
    return switch (this) {
      case RS256, RS384, RS512, PS256, PS384, PS512 -> true;
      case ES256, ES384, ES512, EdDSA, Ed25519 -> false;
    };
  }

  /** Whether a key with this {@code alg} (RFC 7517 §4.4) can be used with this algorithm. */
  boolean isAllowedBy(String algOfKey) {
    return switch (this) {
      case EdDSA, Ed25519 -> algOfKey.equals(EdDSA.name()) || algOfKey.equals(Ed25519.name());
      case RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 -> algOfKey.equals(name());
    };
  }

  /** The only curve of this algorithm (RFC 7518 §3.4); absent for algorithms other than ECDSA. */
  Optional<Curve> ecdsaCurve() {
    return switch (this) {
      case ES256 -> Optional.of(Curve.P_256);
      case ES384 -> Optional.of(Curve.P_384);
      case ES512 -> Optional.of(Curve.P_521);
      case RS256, RS384, RS512, PS256, PS384, PS512, EdDSA, Ed25519 -> Optional.empty();
    };
  }
}

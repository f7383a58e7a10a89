package tokenvending.authentication;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.text.Json;

/**
 * A public key of an issuer that can verify signatures (RFC 7517): RSA of 2048 to 8192 bits, EC on
 * P-256, P-384 or P-521, or Ed25519. It verifies only with algorithms of its own type.
 */
final class VerificationKey {
  // Certificate chains and addresses in a key are not used, so they are not parsed.
  private static final List<String> READ =
      List.of("kty", "use", "key_ops", "alg", "kid", "n", "e", "crv", "x", "y");

  /** The private exponent, and the primes from which it follows. */
  private static final List<String> PRIVATE = List.of("d", "p", "q");

  private final Optional<String> id;
  private final Optional<String> onlyFor;
  private final Material material;

  private VerificationKey(Optional<String> id, Optional<String> onlyFor, Material material) {
    this.id = id;
    this.onlyFor = onlyFor;
    this.material = material;
  }

  /** Parses a key. Empty if it is invalid, or must not verify a signature here. */
  static Optional<VerificationKey> of(Json.Members jwk) {
    // The private key is published, so any reader can sign with it (RFC 7518 §6.2.2, §6.3.2).
    for (String name : PRIVATE) {
      if (jwk.has(name)) {
        return Optional.empty();
      }
    }
    // Absent "use" and "key_ops" mean no restriction (RFC 7517 §4.2, §4.3).
    if (jwk.has("use") && !jwk.text("use").equals(Optional.of("sig"))) {
      return Optional.empty();
    }
    if (jwk.has("key_ops")
        && !(jwk.find("key_ops").orElseThrow() instanceof Json.Items(List<Json> operations)
            && operations.contains(new Json.Text("verify")))) {
      return Optional.empty();
    }
    if (jwk.has("alg") && jwk.text("alg").isEmpty()) {
      return Optional.empty();
    }
    return material(jwk).map(read -> new VerificationKey(jwk.text("kid"), jwk.text("alg"), read));
  }

  Optional<String> id() {
    return id;
  }

  /**
   * Whether the algorithm is of this key's type and, if the key names an algorithm, is that one.
   */
  boolean fits(SignatureAlgorithm algorithm) {
    if (onlyFor.isPresent() && !algorithm.isAllowedBy(onlyFor.get())) {
      return false;
    }
    return switch (material) {
      case Rsa _ -> algorithm.isForRsa();
      case Ec(ECPublicKey _, Curve curve) -> algorithm.ecdsaCurve().equals(Optional.of(curve));
      case Ed25519 _ ->
          algorithm == SignatureAlgorithm.EdDSA || algorithm == SignatureAlgorithm.Ed25519;
    };
  }

  /** Whether this key made the signature; {@code false} for an algorithm that does not fit. */
  boolean verifies(SignatureAlgorithm algorithm, String signingInput, Base64URL signature) {
    if (!fits(algorithm)) {
      return false;
    }
    byte[] signed = signingInput.getBytes(US_ASCII);
    try {
      return switch (material) {
        case Rsa(RSAPublicKey key) ->
            new RSASSAVerifier(key).verify(new JWSHeader(algorithm.jws()), signed, signature);
        case Ec(ECPublicKey key, Curve _) ->
            new ECDSAVerifier(key).verify(new JWSHeader(algorithm.jws()), signed, signature);
        case Ed25519(PublicKey key) -> {
          // From the JDK, because the JWT library needs a second library for this algorithm.
          Signature verifier = Signature.getInstance("Ed25519");
          verifier.initVerify(key);
          verifier.update(signed);
          yield verifier.verify(signature.decode());
        }
      };
    } catch (JOSEException | GeneralSecurityException _) {
      // For example a signature of the wrong length.
      return false;
    }
  }

  private static Optional<Material> material(Json.Members jwk) {
    Map<String, Object> members = plain(jwk);
    try {
      return switch (jwk.text("kty").orElse("")) {
        case "RSA" -> {
          RSAPublicKey key = RSAKey.parse(members).toRSAPublicKey();
          int bits = key.getModulus().bitLength();
          // Longer keys only cost time.
          yield bits >= 2048 && bits <= 8192 ? Optional.of(new Rsa(key)) : Optional.empty();
        }
        case "EC" -> {
          ECKey key = ECKey.parse(members);
          boolean known = List.of(Curve.P_256, Curve.P_384, Curve.P_521).contains(key.getCurve());
          yield known ? Optional.of(new Ec(key.toECPublicKey(), key.getCurve())) : Optional.empty();
        }
        case "OKP" -> {
          OctetKeyPair key = OctetKeyPair.parse(members);
          yield key.getCurve().equals(Curve.Ed25519)
              ? Optional.of(new Ed25519(ed25519(key.getDecodedX())))
              : Optional.empty();
        }
        default -> Optional.empty();
      };
    } catch (ParseException
        | JOSEException
        | GeneralSecurityException
        | IllegalArgumentException
        | IllegalStateException _) {
      return Optional.empty();
    }
  }

  /** Returns the members that the library parses, in the types that it accepts. */
  private static Map<String, Object> plain(Json.Members jwk) {
    Map<String, Object> plain = new HashMap<>();
    for (String name : READ) {
      switch (jwk.find(name).orElse(new Json.Null())) {
        case Json.Text(String value) -> plain.put(name, value);
        case Json.Items(List<Json> items) ->
            plain.put(
                name,
                items.stream()
                    .filter(Json.Text.class::isInstance)
                    .map(item -> ((Json.Text) item).value())
                    .toList());
        case Json.Numeral _, Json.Bool _, Json.Null _, Json.Members _ -> {}
      }
    }
    return plain;
  }

  /** Decodes y in little-endian order; the top bit is the sign of x (RFC 8032 §5.1.2). */
  private static PublicKey ed25519(byte[] encoded) throws GeneralSecurityException {
    if (encoded.length != 32) {
      throw new GeneralSecurityException("not 32 bytes");
    }
    byte[] bigEndian = new byte[32];
    for (int i = 0; i < 32; i++) {
      bigEndian[i] = encoded[31 - i];
    }
    boolean xIsOdd = (bigEndian[0] & 0x80) != 0;
    bigEndian[0] &= 0x7f;
    EdECPoint point = new EdECPoint(xIsOdd, new BigInteger(1, bigEndian));
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
  }

  private sealed interface Material {}

  private record Rsa(RSAPublicKey key) implements Material {}

  private record Ec(ECPublicKey key, Curve curve) implements Material {}

  private record Ed25519(PublicKey key) implements Material {}
}

package tokenvending.authentication;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tokenvending.identity.PresentedCredential.BearerToken;
import tokenvending.secret.Secret;

/**
 * Makes tokens and key sets, good and forged, from the JDK alone: it shares nothing with what it is
 * used against. Members are given as JSON text, so that anything can be said.
 */
final class Issuer {
  static final KeyPair RSA = rsa(2048);
  static final KeyPair OTHER_RSA = rsa(2048);
  static final KeyPair WEAK_RSA = rsa(1024);
  static final KeyPair P256 = ec("secp256r1");
  static final KeyPair P384 = ec("secp384r1");
  static final KeyPair P521 = ec("secp521r1");
  static final KeyPair ED25519 = pair("Ed25519");

  private Issuer() {}

  /** Names and their values, as JSON text. */
  static Map<String, String> members(String... namesAndJson) {
    Map<String, String> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndJson.length; i += 2) {
      members.put(namesAndJson[i], namesAndJson[i + 1]);
    }
    return members;
  }

  static Map<String, String> with(Map<String, String> members, String name, String json) {
    Map<String, String> changed = new LinkedHashMap<>(members);
    changed.put(name, json);
    return changed;
  }

  static Map<String, String> without(Map<String, String> members, String name) {
    Map<String, String> changed = new LinkedHashMap<>(members);
    changed.remove(name);
    return changed;
  }

  static String json(Map<String, String> members) {
    return members.entrySet().stream()
        .map(member -> "\"" + member.getKey() + "\":" + member.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String encoded(String text) {
    return encoded(text.getBytes(UTF_8));
  }

  static String signed(String header, String claims, String algorithm, PrivateKey key) {
    String input = encoded(header) + "." + encoded(claims);
    return input + "." + encoded(signature(input, algorithm, key));
  }

  static byte[] signature(String input, String algorithm, PrivateKey key) {
    try {
      Signature signer = signer(algorithm);
      signer.initSign(key);
      signer.update(input.getBytes(UTF_8));
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] hmac(String input, byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(input.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static BearerToken bearer(String token) {
    return new BearerToken(Secret.of(token));
  }

  static Map<String, String> jwk(String kid, KeyPair pair) {
    Map<String, String> jwk =
        switch (pair.getPublic()) {
          case RSAPublicKey rsa ->
              members(
                  "kty",
                  "\"RSA\"",
                  "n",
                  quoted(unsigned(rsa.getModulus(), (rsa.getModulus().bitLength() + 7) / 8)),
                  "e",
                  quoted(unsigned(rsa.getPublicExponent(), 3)));
          case ECPublicKey ec -> {
            int bits = ec.getParams().getCurve().getField().getFieldSize();
            int bytes = (bits + 7) / 8;
            yield members(
                "kty",
                "\"EC\"",
                "crv",
                "\"P-" + bits + "\"",
                "x",
                quoted(unsigned(ec.getW().getAffineX(), bytes)),
                "y",
                quoted(unsigned(ec.getW().getAffineY(), bytes)));
          }
          case EdECPublicKey ed -> {
            byte[] encoded = ed.getEncoded();
            byte[] last = new byte[32];
            System.arraycopy(encoded, encoded.length - 32, last, 0, 32);
            yield members("kty", "\"OKP\"", "crv", "\"Ed25519\"", "x", quoted(last));
          }
          default -> throw new AssertionError("a key of no kind we make");
        };
    return with(with(jwk, "kid", "\"" + kid + "\""), "use", "\"sig\"");
  }

  static String keySet(List<Map<String, String>> keys) {
    return keys.stream().map(Issuer::json).collect(Collectors.joining(",", "{\"keys\":[", "]}"));
  }

  static String quoted(byte[] bytes) {
    return "\"" + encoded(bytes) + "\"";
  }

  private static byte[] unsigned(BigInteger number, int length) {
    byte[] bytes = new byte[length];
    byte[] all = number.toByteArray();
    int count = Math.min(length, all.length);
    System.arraycopy(all, all.length - count, bytes, length - count, count);
    return bytes;
  }

  private static Signature signer(String algorithm) throws GeneralSecurityException {
    String bits = algorithm.substring(2);
    return switch (algorithm) {
      case "RS256", "RS384", "RS512" -> Signature.getInstance("SHA" + bits + "withRSA");
      case "PS256", "PS384", "PS512" -> {
        Signature signer = Signature.getInstance("RSASSA-PSS");
        AlgorithmParameterSpec spec =
            new PSSParameterSpec(
                "SHA-" + bits,
                "MGF1",
                new MGF1ParameterSpec("SHA-" + bits),
                Integer.parseInt(bits) / 8,
                1);
        signer.setParameter(spec);
        yield signer;
      }
      case "ES256", "ES384", "ES512" ->
          Signature.getInstance("SHA" + bits + "withECDSAinP1363Format");
      case "EdDSA", "Ed25519" -> Signature.getInstance("Ed25519");
      default -> throw new AssertionError("no such signer: " + algorithm);
    };
  }

  private static KeyPair rsa(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair ec(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair pair(String algorithm) {
    try {
      return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}

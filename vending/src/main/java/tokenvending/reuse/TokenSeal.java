package tokenvending.reuse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import tokenvending.secret.Secret;

/**
 * Seals tokens for a store that is not trusted with them: AES-256-GCM (NIST SP 800-38D) under a key
 * that HKDF (RFC 5869) derives from the API key the tokens were minted with. What is sealed for one
 * context opens for no other, and whoever has another API key can neither open nor find it.
 *
 * <p>There is one for each API key in use: that two are the same object says that nothing was
 * rotated in between. Thread-safe.
 */
public final class TokenSeal {
  private static final byte[] SALT = "tokenvending reuse 1".getBytes(US_ASCII);
  private static final byte[] SEALING = "seal".getBytes(US_ASCII);
  private static final byte[] NAMING = "name".getBytes(US_ASCII);

  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private final SecretKey sealing;
  private final SecretKey naming;

  private TokenSeal(SecretKey sealing, SecretKey naming) {
    this.sealing = sealing;
    this.naming = naming;
  }

  public static TokenSeal of(Secret apiKey) {
    return new TokenSeal(derive(apiKey, "AES", SEALING), derive(apiKey, "HmacSHA256", NAMING));
  }

  private static SecretKey derive(Secret apiKey, String algorithm, byte[] purpose) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveKey(
              algorithm,
              HKDFParameterSpec.ofExtract()
                  .addIKM(apiKey.reveal().getBytes(UTF_8))
                  .addSalt(SALT)
                  .thenExpand(purpose, KEY_BYTES));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK 25 has HKDF", e);
    }
  }

  /** The name under which a context is kept: 43 characters of base64url that say nothing. */
  String name(byte[] context) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(naming);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(context));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform has HMAC", e);
    }
  }

  /** The nonce, then the sealed bytes. The nonce is the JDK's own, random for each. */
  byte[] seal(byte[] plain, byte[] context) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, sealing);
      cipher.updateAAD(context);
      byte[] sealed = cipher.doFinal(plain);
      return ByteBuffer.allocate(NONCE_BYTES + sealed.length)
          .put(cipher.getIV())
          .put(sealed)
          .array();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform has AES-GCM", e);
    }
  }

  /** What was sealed; empty where it was changed, sealed for another context or by another key. */
  Optional<byte[]> open(byte[] sealed, byte[] context) {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) {
      return Optional.empty();
    }
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.DECRYPT_MODE,
          sealing,
          new GCMParameterSpec(TAG_BYTES * Byte.SIZE, sealed, 0, NONCE_BYTES));
      cipher.updateAAD(context);
      return Optional.of(cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform has AES-GCM", e);
    }
  }
}

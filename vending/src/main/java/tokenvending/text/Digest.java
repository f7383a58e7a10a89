package tokenvending.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The first half of a SHA-256 over several texts. Different lists of texts give different digests.
 */
public record Digest(long first, long second) {
  public static Digest of(String... texts) {
    return of(encoded(texts));
  }

  public static Digest of(byte[] bytes) {
    try {
      ByteBuffer sha256 = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
      return new Digest(sha256.getLong(), sha256.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /**
   * Encodes the texts, each preceded by its length, so that different lists have different forms.
   */
  public static byte[] encoded(String... texts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String text : texts) {
      byte[] bytes = text.getBytes(UTF_8);
      all.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length).array());
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  /** Returns 22 characters of base64url. */
  public String text() {
    byte[] bytes = ByteBuffer.allocate(16).putLong(first).putLong(second).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}

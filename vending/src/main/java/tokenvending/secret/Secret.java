package tokenvending.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A credential: an API key, a password, a JWT or a vended token. It can be read through {@link
 * #reveal()} only, and prints as a fixed word; it has no equality and is not serializable.
 */
public final class Secret {
  private final byte[] utf8;

  /** A race is harmless: every thread computes the same. */
  private @Nullable String sha256;

  private Secret(byte[] utf8) {
    this.utf8 = utf8;
  }

  public static Secret of(String value) {
    return new Secret(value.getBytes(UTF_8));
  }

  /**
   * The credential itself, for the one call that needs it. Every caller is on a list that a test
   * holds.
   */
  public String reveal() {
    return new String(utf8, UTF_8);
  }

  /**
   * Its SHA-256 in hexadecimal, by which records name a token without holding it. For random
   * credentials only: a password could be guessed from it. A token that is handed out again is
   * hashed once.
   */
  public String sha256() {
    String known = sha256;
    if (known == null) {
      try {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(utf8);
        known = HexFormat.of().formatHex(digest);
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("every Java platform has SHA-256", e);
      }
      sha256 = known;
    }
    return known;
  }

  /** Whether there is nothing in it. */
  public boolean isEmpty() {
    return utf8.length == 0;
  }

  /** How long it is, in bytes of UTF-8. */
  public int length() {
    return utf8.length;
  }

  @Override
  public String toString() {
    return "[secret]";
  }
}

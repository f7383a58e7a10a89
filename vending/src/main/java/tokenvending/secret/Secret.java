package tokenvending.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A credential: an API key, a password, a JWT or a vended token. Only {@link #reveal()} returns it.
 * It prints as a fixed word, has no value equality and is not serializable.
 */
public final class Secret {
  private final byte[] utf8;

  /** Computed on first use; a race is harmless, because every thread computes the same value. */
  private @Nullable String sha256;

  private Secret(byte[] utf8) {
    this.utf8 = utf8;
  }

  public static Secret of(String value) {
    return new Secret(value.getBytes(UTF_8));
  }

  /**
   * Returns the credential. {@code ArchitectureTest} lists the classes that can call this method.
   */
  public String reveal() {
    return new String(utf8, UTF_8);
  }

  /**
   * Returns the SHA-256 in hexadecimal, which identifies a token in audit events. Use it only for
   * random credentials: a password could be guessed from it. It is computed once.
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

  /** Its length in bytes of UTF-8. */
  public int length() {
    return utf8.length;
  }

  @Override
  public String toString() {
    return "[secret]";
  }
}

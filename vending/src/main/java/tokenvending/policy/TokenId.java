package tokenvending.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;
import tokenvending.text.PlainText;

/**
 * The name that Momento attaches to everything the token's holder publishes; subscribers trust it.
 * At most {@value #LIMIT} UTF-16 units, Momento's limit. Different literals never give the same id.
 */
public final class TokenId {
  /** Counted in UTF-16 units, as in Momento's JavaScript SDK. */
  public static final int LIMIT = 64;

  private static final String DIGEST_MARK = "sha256:";
  private static final Pattern DIGEST = Pattern.compile(DIGEST_MARK + "[A-Za-z0-9_-]{43}");

  private final String value;

  private TokenId(String value) {
    this.value = value;
  }

  /**
   * Returns the id of a literal: the literal itself if it fits and is {@linkplain
   * PlainText#isUnambiguous unambiguous}, otherwise {@code sha256:} and 43 characters of base64url.
   * A literal that looks like such a digest is digested as well, so that no caller can choose
   * another caller's id.
   *
   * @throws IllegalArgumentException if the literal is empty or contains half of a surrogate pair
   */
  public static TokenId of(String literal) {
    // A lone surrogate has no UTF-8 form: literals that differ only in it would have the same
    // digest.
    if (literal.isEmpty() || !PlainText.isWellFormed(literal)) {
      throw new IllegalArgumentException("a token id is a non-empty text with a UTF-8 form");
    }
    boolean fits =
        literal.length() <= LIMIT
            && PlainText.isUnambiguous(literal)
            && !DIGEST.matcher(literal).matches();
    return new TokenId(fits ? literal : DIGEST_MARK + digest(literal));
  }

  private static String digest(String literal) {
    try {
      byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(literal.getBytes(UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  public String value() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenId that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}

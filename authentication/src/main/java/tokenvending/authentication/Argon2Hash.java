package tokenvending.authentication;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.secret.Secret;

/**
 * An argon2id hash of a password (RFC 9106) in the common string form. One check uses at most 64
 * MiB of memory and 256 MiB of passes, whatever the users file contains. Prints as a fixed word.
 */
public final class Argon2Hash {
  /** The parameters that OWASP recommends first for argon2id: 19 MiB, 2 passes, 1 lane. */
  static final Cost RECOMMENDED = new Cost(19 * 1024, 2, 1, 32);

  private static final int MOST_MEMORY = 64 * 1024;
  private static final int MOST_WORK = 256 * 1024;
  private static final int MOST_LANES = 4;

  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=([1-9][0-9]{0,8}),t=([1-9][0-9]{0,8}),p=([1-9][0-9]{0,8})"
              + "\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

  /** The cost of one check: memory in KiB, length of the digest in bytes. */
  record Cost(int memory, int passes, int lanes, int length) {}

  /** The result of parsing a hash. */
  public sealed interface Parsed {}

  public record Valid(Argon2Hash hash) implements Parsed {}

  /**
   * The string is not a supported hash.
   *
   * @param problem a sentence that does not contain the string
   */
  public record Refused(String problem) implements Parsed {}

  private final Cost cost;
  private final String salt;
  private final String digest;

  private Argon2Hash(Cost cost, String salt, String digest) {
    this.cost = cost;
    this.salt = salt;
    this.digest = digest;
  }

  /**
   * Hashes a password, prepared by {@link OpaqueString}, with the recommended cost and a new salt
   * of 16 bytes.
   */
  public static Argon2Hash of(Secret password, SecureRandom random) {
    return of(password, random, RECOMMENDED);
  }

  static Argon2Hash of(Secret password, SecureRandom random, Cost cost) {
    byte[] salt = new byte[16];
    random.nextBytes(salt);
    return new Argon2Hash(cost, encode(salt), encode(digest(password, cost, salt)));
  }

  /** Creates a hash of this cost that matches no known password. */
  static Argon2Hash ofNothing(Cost cost, SecureRandom random) {
    byte[] salt = new byte[16];
    byte[] digest = new byte[cost.length()];
    random.nextBytes(salt);
    random.nextBytes(digest);
    return new Argon2Hash(cost, encode(salt), encode(digest));
  }

  /** Parses the string form: {@code $argon2id$v=19$m=…,t=…,p=…$salt$digest}. */
  public static Parsed parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return new Refused(
          "expected an argon2id hash, version 19: $argon2id$v=19$m=…,t=…,p=…$salt$hash");
    }
    long memory = Long.parseLong(form.group(1));
    long passes = Long.parseLong(form.group(2));
    long lanes = Long.parseLong(form.group(3));
    if (memory > MOST_MEMORY || lanes > MOST_LANES || memory * passes > MOST_WORK) {
      return new Refused(
          "one check would cost too much: expected m of at most 65536, p of at most 4, and m times"
              + " t of at most 262144");
    }
    if (memory < 8 * lanes) {
      return new Refused("m must be at least 8 times p");
    }
    String salt = form.group(4);
    String digest = form.group(5);
    if (!isCanonical(salt) || !isCanonical(digest)) {
      return new Refused("the salt or the hash is not unpadded base64");
    }
    int length = decode(digest).length;
    return new Valid(
        new Argon2Hash(new Cost((int) memory, (int) passes, (int) lanes, length), salt, digest));
  }

  /**
   * Whether the password matches, after preparation by {@link OpaqueString}; compared in constant
   * time.
   */
  boolean matches(Secret password) {
    return MessageDigest.isEqual(decode(digest), digest(password, cost, decode(salt)));
  }

  /** Whether attacking this hash, once stolen, is cheaper than attacking a new one. */
  public boolean isWeakerThanRecommended() {
    return (long) cost.memory() * cost.passes()
        < (long) RECOMMENDED.memory() * RECOMMENDED.passes();
  }

  Cost cost() {
    return cost;
  }

  /** The string form, for a users file. */
  public String text() {
    return "$argon2id$v=19$m="
        + cost.memory()
        + ",t="
        + cost.passes()
        + ",p="
        + cost.lanes()
        + "$"
        + salt
        + "$"
        + digest;
  }

  @Override
  public String toString() {
    return "[argon2id hash]";
  }

  private static byte[] digest(Secret password, Cost cost, byte[] salt) {
    return Argon2Function.getInstance(
            cost.memory(),
            cost.passes(),
            cost.lanes(),
            cost.length(),
            Argon2.ID,
            Argon2Function.ARGON2_VERSION_13)
        .hash(OpaqueString.of(password).reveal().getBytes(UTF_8), salt)
        .getBytes();
  }

  private static boolean isCanonical(String base64) {
    try {
      return encode(decode(base64)).equals(base64);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] decode(String base64) {
    return Base64.getDecoder().decode(base64);
  }
}

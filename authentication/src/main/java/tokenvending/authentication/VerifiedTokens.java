package tokenvending.authentication;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.secret.Secret;

/**
 * Tokens that were verified, by their SHA-256, and what came of it. Bounded: at most {@value
 * #MOST_TOKENS} tokens and, by a generous estimate, 8 MiB; those that were longest not asked for go
 * first. Knows no time and no keys: the caller still checks whether a token holds. Thread-safe;
 * finding takes no lock.
 */
final class VerifiedTokens {
  static final int MOST_TOKENS = 10_000;
  static final long MOST_BYTES = 8 * 1024 * 1024;

  // Measured on a 64-bit JVM: digest, entry, principal and their places in a map.
  private static final long WEIGHT_OF_ENTRY = 512;
  private static final long WEIGHT_OF_CLAIM = 96;
  private static final long WEIGHT_OF_TEXT = 56;

  /**
   * The SHA-256 of a token: it stands for the token, and no two tokens with one digest can be made.
   */
  record Digest(long a, long b, long c, long d) {
    static Digest of(Secret token) {
      try {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        ByteBuffer bytes = ByteBuffer.wrap(sha256.digest(token.reveal().getBytes(UTF_8)));
        return new Digest(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("every Java platform has SHA-256", e);
      }
    }

    @Override
    public int hashCode() {
      // Any bits of it are as good as all.
      return Long.hashCode(a);
    }
  }

  /**
   * What a verified token is good for.
   *
   * @param start before this time it does not hold yet, the other clock's error allowed for
   * @param end from this time on it does not hold any more, likewise
   * @param keyId as the token named it
   * @param key that signed it: the very object, so that a key set that was read again counts anew
   */
  record Entry(
      Principal caller,
      Instant start,
      Instant end,
      Optional<String> keyId,
      SignatureAlgorithm algorithm,
      VerificationKey key) {}

  /** Half of what may be held. When one is full it becomes the old one, and the old one goes. */
  private static final class Generation {
    private final ConcurrentHashMap<Digest, Weighed> entries = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
  }

  private record Weighed(Entry entry, long bytes) {}

  private final ReentrantLock turning = new ReentrantLock();
  private volatile Generation young = new Generation();
  private volatile Generation old = new Generation();

  Optional<Entry> find(Digest token) {
    @Nullable Weighed recent = young.entries.get(token);
    if (recent != null) {
      return Optional.of(recent.entry());
    }
    @Nullable Weighed older = old.entries.get(token);
    if (older == null) {
      return Optional.empty();
    }
    put(token, older);
    return Optional.of(older.entry());
  }

  /** Remembers a token; see {@link #weight} for its bytes. */
  void put(Digest token, Entry entry, long bytes) {
    put(token, new Weighed(entry, bytes));
  }

  private void put(Digest token, Weighed weighed) {
    if (weighed.bytes() > MOST_BYTES / 2) {
      return;
    }
    turning.lock();
    try {
      if (young.entries.size() >= MOST_TOKENS / 2
          || young.bytes.get() + weighed.bytes() > MOST_BYTES / 2) {
        old = young;
        young = new Generation();
      }
      @Nullable Weighed before = young.entries.put(token, weighed);
      young.bytes.addAndGet(weighed.bytes() - (before == null ? 0 : before.bytes()));
    } finally {
      turning.unlock();
    }
  }

  /** How many tokens are held; one that both halves hold counts twice. */
  int size() {
    return young.entries.size() + old.entries.size();
  }

  /** The bytes of what is held, as they were estimated. */
  long bytes() {
    return young.bytes.get() + old.bytes.get();
  }

  /** What a token with these claims takes, in bytes, rounded up: strings may need two a char. */
  static long weight(Map<String, Claim> claims) {
    return WEIGHT_OF_ENTRY + weightOfMembers(claims);
  }

  private static long weightOfMembers(Map<String, Claim> claims) {
    long bytes = 0;
    for (Map.Entry<String, Claim> claim : claims.entrySet()) {
      bytes += WEIGHT_OF_CLAIM + weight(claim.getKey());
      bytes +=
          switch (claim.getValue()) {
            case Claim.One(String value) -> weight(value);
            case Claim.Many(List<String> values) ->
                values.stream().mapToLong(VerifiedTokens::weight).sum();
            case Claim.Members(Map<String, Claim> members) -> weightOfMembers(members);
            case Claim.Unreadable() -> 0;
          };
    }
    return bytes;
  }

  private static long weight(String text) {
    return WEIGHT_OF_TEXT + 2L * text.length();
  }
}

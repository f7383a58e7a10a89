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
 * Caches verified tokens by their SHA-256: at most {@value #MOST_TOKENS} tokens and, by a
 * conservative estimate, 8 MiB. The least recently used are removed first. It checks neither time
 * nor keys; the caller must do so. Thread-safe; look-ups take no lock.
 */
final class VerifiedTokens {
  static final int MOST_TOKENS = 10_000;
  static final long MOST_BYTES = 8 * 1024 * 1024;

  // Measured on a 64-bit JVM: digest, entry, principal and the map's node.
  private static final long WEIGHT_OF_ENTRY = 512;
  private static final long WEIGHT_OF_CLAIM = 96;
  private static final long WEIGHT_OF_TEXT = 56;

  /** The SHA-256 of a token. */
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
      // All bits are equally random.
      return Long.hashCode(a);
    }
  }

  /**
   * A verified token.
   *
   * @param start the token is not valid before this time, clock skew included
   * @param end the token is not valid from this time on, clock skew included
   * @param keyId as the token names it
   * @param key the key that verified it, compared by identity, so that a refreshed key set counts
   *     as new
   */
  record Entry(
      Principal caller,
      Instant start,
      Instant end,
      Optional<String> keyId,
      SignatureAlgorithm algorithm,
      VerificationKey key) {}

  /**
   * One half of the cache. When it is full it becomes the old half, and the previous old half is
   * dropped.
   */
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

  /**
   * Adds a token.
   *
   * @param bytes its size, see {@link #weight}
   */
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

  /** Returns the number of cached tokens; a token in both halves counts twice. */
  int size() {
    return young.entries.size() + old.entries.size();
  }

  /** Returns the estimated size in bytes. */
  long bytes() {
    return young.bytes.get() + old.bytes.get();
  }

  /**
   * Estimates the size of a token with these claims in bytes, rounded up: strings can need two
   * bytes a character.
   */
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

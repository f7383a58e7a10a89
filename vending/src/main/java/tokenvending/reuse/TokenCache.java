package tokenvending.reuse;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.VendedToken;

/**
 * Caches at most {@value #ENTRIES} tokens and {@value #BYTES} bytes of them. Look-ups take no lock.
 * When full, the oldest token is removed, because its use ends first.
 */
final class TokenCache {
  static final int ENTRIES = 100_000;
  static final long BYTES = 32L * 1024 * 1024;

  /** The bytes of an entry besides its texts, including the token's digest. */
  private static final int OVERHEAD = 720;

  private final int mostEntries;
  private final long mostBytes;
  private final Map<ReuseKey, Entry> byKey = new ConcurrentHashMap<>();
  private final Deque<Entry> byAge = new ArrayDeque<>();
  private long bytes;

  TokenCache() {
    this(ENTRIES, BYTES);
  }

  TokenCache(int mostEntries, long mostBytes) {
    this.mostEntries = mostEntries;
    this.mostBytes = mostBytes;
  }

  /**
   * A token that can be reused.
   *
   * @param again the result that returns it
   * @param seal of the API key it was minted with
   * @param usableUntil when half of its lifetime is over
   */
  record Entry(ReuseKey key, Issued again, TokenSeal seal, Instant usableUntil, int weight) {}

  @Nullable Entry find(ReuseKey key) {
    return byKey.get(key);
  }

  Issued add(ReuseKey key, VendedToken token, TokenSeal seal, Instant now, Duration ttl) {
    Entry fresh =
        new Entry(
            key,
            new Issued(token, true),
            seal,
            token.expiresAt().minus(ttl.dividedBy(2)),
            weight(key, token));
    insert(fresh, now);
    return fresh.again();
  }

  private synchronized void insert(Entry fresh, Instant now) {
    Entry before = byKey.put(fresh.key(), fresh);
    if (before != null) {
      // The entry leaves the other list when it is the oldest there.
      bytes -= before.weight();
    }
    bytes += fresh.weight();
    byAge.addLast(fresh);
    while (!byAge.isEmpty() && isToGo(byAge.getFirst(), now)) {
      Entry oldest = byAge.removeFirst();
      if (byKey.remove(oldest.key(), oldest)) {
        bytes -= oldest.weight();
      }
    }
  }

  private boolean isToGo(Entry oldest, Instant now) {
    return byKey.size() > mostEntries
        || byAge.size() > 2L * mostEntries
        || bytes > mostBytes
        || oldest.usableUntil().isBefore(now)
        || !oldest.equals(byKey.get(oldest.key()));
  }

  int size() {
    return byKey.size();
  }

  synchronized long bytes() {
    return bytes;
  }

  private static int weight(ReuseKey key, VendedToken token) {
    int texts = key.caller().map(c -> c.issuer().length() + c.subject().length()).orElse(0);
    for (String permission : key.permissions().texts()) {
      texts += permission.length();
    }
    return OVERHEAD + token.token().length() + 2 * (texts + token.endpoint().length());
  }
}

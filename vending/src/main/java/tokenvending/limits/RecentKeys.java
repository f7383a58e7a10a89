package tokenvending.limits;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded set of keys, each held for a fixed time after it was last added. When full, the key
 * added longest ago is removed. Thread-safe.
 */
public final class RecentKeys<K> {
  private final LongSupplier nanoTime;
  private final Duration heldFor;
  private final int most;

  /** When each key was added, in that order. */
  private final LinkedHashMap<K, Long> since = new LinkedHashMap<>();

  /**
   * An empty set.
   *
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   * @param most the most keys that are held
   */
  public RecentKeys(LongSupplier nanoTime, Duration heldFor, int most) {
    this.nanoTime = nanoTime;
    this.heldFor = heldFor;
    this.most = most;
  }

  public synchronized void put(K key) {
    since.putLast(key, nanoTime.getAsLong());
    if (since.size() > most) {
      since.pollFirstEntry();
    }
  }

  public synchronized void remove(K key) {
    since.remove(key);
  }

  public synchronized boolean contains(K key) {
    @Nullable Long then = since.get(key);
    return then != null && nanoTime.getAsLong() - then < heldFor.toNanos();
  }
}

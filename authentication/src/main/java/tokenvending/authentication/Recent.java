package tokenvending.authentication;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What happened recently: remembers that, not what. Bounded; for one more the one that was put
 * first goes. Thread-safe.
 */
final class Recent<K> {
  private final LongSupplier nanoClock;
  private final Duration memory;
  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock, in the order of the last put.
  private final LinkedHashMap<K, Long> since = new LinkedHashMap<>();

  Recent(LongSupplier nanoClock, Duration memory, int most) {
    this.nanoClock = nanoClock;
    this.memory = memory;
    this.most = most;
  }

  void put(K key) {
    lock.lock();
    try {
      since.putLast(key, nanoClock.getAsLong());
      if (since.size() > most) {
        since.pollFirstEntry();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean contains(K key) {
    lock.lock();
    try {
      @Nullable Long then = since.get(key);
      if (then == null) {
        return false;
      }
      if (nanoClock.getAsLong() - then >= memory.toNanos()) {
        since.remove(key);
        return false;
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}

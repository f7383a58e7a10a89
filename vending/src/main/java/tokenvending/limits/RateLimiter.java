package tokenvending.limits;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Limits what each key does to one rate, by the generic cell rate algorithm (ITU-T I.371): for each
 * key only the time is held at which it will be as if it had never been seen. Thread-safe.
 *
 * <p>It holds a bounded number of keys, of about 100 bytes each. When full it forgets those that
 * are as good as new, then those nearest to it; a key that is over the rate is never forgotten. So
 * a forgotten key gains at most what it had used; and while every key held is over the rate, new
 * ones must wait.
 */
public final class RateLimiter<K> {
  /** Room is made for many at once, so that a look at all keys is rare. */
  private static final int SHARE_TO_FREE = 10;

  private static final long SHORTEST_PAUSE_NANOS = 100_000_000L;

  private final long interval;
  private final long period;
  private final int capacity;
  private final LongSupplier nanoTime;
  private final Map<K, Cell> cells = new HashMap<>();
  private boolean blocked;
  private long blockedUntil;

  /** Mutable, so that counting a known key allocates nothing. */
  private static final class Cell {
    private long freshAt;

    Cell(long freshAt) {
      this.freshAt = freshAt;
    }
  }

  /**
   * A limiter that has seen nothing.
   *
   * @param capacity how many keys are held
   * @param nanoTime a clock that never steps, such as {@link System#nanoTime}
   */
  public RateLimiter(Rate rate, int capacity, LongSupplier nanoTime) {
    // Rounded up: never more than the rate, at worst a nanosecond's share less.
    this.interval = Math.ceilDiv(rate.per().toNanos(), rate.count());
    this.period = interval * rate.count();
    this.capacity = capacity;
    this.nanoTime = nanoTime;
  }

  /** How long until the key may go on; zero when it may now. Counts nothing. */
  public Duration waitFor(K key) {
    return waitFor(key, 1);
  }

  /**
   * How long until the key may go on; zero when it may now. Counts nothing.
   *
   * @param share how many times the rate this key has; always the same for the same key
   */
  synchronized Duration waitFor(K key, int share) {
    long now = nanoTime.getAsLong();
    Cell cell = cells.get(key);
    long wait =
        cell == null
            ? (cells.size() < capacity ? 0 : makeRoom(now))
            : cell.freshAt - now - tolerance(share);
    return wait <= 0 ? Duration.ZERO : Duration.ofNanos(wait);
  }

  /** Counts once for the key, whether or not it may go on. */
  public void count(K key) {
    count(key, 1);
  }

  /** As {@link #count(Object)}, with the share of {@link #waitFor(Object, int)}. */
  synchronized void count(K key, int share) {
    long now = nanoTime.getAsLong();
    Cell cell = cells.get(key);
    if (cell == null) {
      if (cells.size() >= capacity && makeRoom(now) > 0) {
        return;
      }
      cell = new Cell(now);
      cells.put(key, cell);
    }
    // By difference: the clock's origin is arbitrary, and it may wrap.
    long freshAt = (cell.freshAt - now > 0 ? cell.freshAt : now) + Math.ceilDiv(interval, share);
    // What was counted although it was over the rate makes nobody wait longer than one period.
    cell.freshAt = freshAt - now > period ? now + period : freshAt;
  }

  /** Counts once for the key, unless it is over the rate: then returns how long it must wait. */
  public synchronized Duration acquire(K key) {
    Duration wait = waitFor(key);
    if (wait.isZero()) {
      count(key);
    }
    return wait;
  }

  synchronized int size() {
    return cells.size();
  }

  private long tolerance(int share) {
    return period - Math.ceilDiv(interval, share);
  }

  private long makeRoom(long now) {
    if (blocked && blockedUntil - now > 0) {
      return blockedUntil - now;
    }
    int wanted = Math.max(1, capacity / SHARE_TO_FREE);
    long tolerance = tolerance(1);
    long[] used = new long[cells.size()];
    int candidates = 0;
    int freed = 0;
    long soonest = Long.MAX_VALUE;
    for (Iterator<Cell> all = cells.values().iterator(); all.hasNext(); ) {
      long left = all.next().freshAt - now;
      if (left <= 0) {
        all.remove();
        freed++;
      } else if (left <= tolerance) {
        used[candidates++] = left;
      } else {
        soonest = Math.min(soonest, left - tolerance);
      }
    }
    if (freed < wanted && candidates > 0) {
      Arrays.sort(used, 0, candidates);
      freed += forgetLeast(used[Math.min(candidates, wanted - freed) - 1], wanted - freed, now);
    }
    // A look that found little is not repeated for every new key of a flood.
    blocked = freed < Math.max(1, wanted / SHARE_TO_FREE);
    blockedUntil = now + Math.max(SHORTEST_PAUSE_NANOS, freed == 0 ? soonest : 0);
    return cells.size() < capacity ? 0 : blockedUntil - now;
  }

  private int forgetLeast(long most, int wanted, long now) {
    int freed = 0;
    for (Iterator<Cell> all = cells.values().iterator(); all.hasNext() && freed < wanted; ) {
      if (all.next().freshAt - now <= most) {
        all.remove();
        freed++;
      }
    }
    return freed;
  }
}

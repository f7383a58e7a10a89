package tokenvending.limits;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;

/**
 * Limits a rate for each key with the generic cell rate algorithm (ITU-T I.371), which stores one
 * time for each key: when its burst is whole again. Every limit that one process counts alone uses
 * this class. Thread-safe.
 *
 * <p>It stores a bounded number of keys of about 100 bytes each. When full, it removes the keys
 * whose burst is whole, then those nearest to it. A key that is over its rate is never removed. A
 * removed key thus gains at most what it had used, and while every stored key is over its rate, new
 * keys must wait.
 */
public final class RateLimiter<K> {
  /** The share of keys removed at once, so that scans of all keys are rare. */
  private static final int SHARE_TO_FREE = 10;

  private static final long SHORTEST_PAUSE_NANOS = 100_000_000L;

  private final long interval;
  private final long period;
  private final ToIntFunction<K> share;
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
   * Starts empty, with the same rate for every key.
   *
   * @param capacity the most keys that are stored
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   */
  public RateLimiter(Rate rate, int capacity, LongSupplier nanoTime) {
    this(rate, key -> 1, capacity, nanoTime);
  }

  private RateLimiter(Rate rate, ToIntFunction<K> share, int capacity, LongSupplier nanoTime) {
    // Rounded up: never above the rate, and below it by at most a nanosecond for each request.
    this.interval = Math.ceilDiv(rate.per().toNanos(), rate.count());
    this.period = interval * rate.count();
    this.share = share;
    this.capacity = capacity;
    this.nanoTime = nanoTime;
  }

  /**
   * Creates a limiter for the {@link ClientAddress#networks} of addresses.
   *
   * @param rate of one client; a wider network has {@link Network#share} times as much
   */
  public static RateLimiter<Network> ofNetworks(Rate rate, int capacity, LongSupplier nanoTime) {
    return new RateLimiter<>(rate, Network::share, capacity, nanoTime);
  }

  /** Returns how long until all keys are within their rates; zero if they are. Counts nothing. */
  public Duration waitFor(List<K> keys) {
    return waitFor(keys, 0);
  }

  /**
   * Returns how long until all keys are within their rates; zero if they are. Counts nothing.
   *
   * @param spare how many further requests each key must have room for after this time
   */
  public synchronized Duration waitFor(List<K> keys, double spare) {
    long now = nanoTime.getAsLong();
    long longest = 0;
    for (K key : keys) {
      long each = interval(key);
      Cell cell = cells.get(key);
      if (cell == null && cells.size() >= capacity) {
        longest = Math.max(longest, makeRoom(now));
      }
      long used = cell == null ? 0 : cell.freshAt - now;
      longest = Math.max(longest, used + each + (long) (spare * each) - period);
    }
    return Duration.ofNanos(longest);
  }

  /** Counts once for each key, even if it is over its rate. */
  public synchronized void count(List<K> keys) {
    long now = nanoTime.getAsLong();
    for (K key : keys) {
      Cell cell = cells.get(key);
      if (cell == null) {
        if (cells.size() >= capacity && makeRoom(now) > 0) {
          continue;
        }
        cell = new Cell(now);
        cells.put(key, cell);
      }
      // By difference: the clock's origin is arbitrary, and it may wrap.
      long freshAt = (cell.freshAt - now > 0 ? cell.freshAt : now) + interval(key);
      // Requests over the rate never add more than one period.
      cell.freshAt = freshAt - now > period ? now + period : freshAt;
    }
  }

  /**
   * Counts once for each key and returns zero; if a key is over its rate, counts nothing and
   * returns the wait.
   */
  public synchronized Duration acquire(List<K> keys) {
    Duration wait = waitFor(keys);
    if (wait.isZero()) {
      count(keys);
    }
    return wait;
  }

  /** Reverses one count for each key. */
  public synchronized void refund(List<K> keys) {
    long now = nanoTime.getAsLong();
    for (K key : keys) {
      Cell cell = cells.get(key);
      if (cell != null) {
        cell.freshAt -= interval(key);
        if (cell.freshAt - now <= 0) {
          cells.remove(key);
        }
      }
    }
  }

  /** Returns the number of stored keys. */
  public synchronized int size() {
    return cells.size();
  }

  private long interval(K key) {
    return Math.ceilDiv(interval, share.applyAsInt(key));
  }

  private long makeRoom(long now) {
    if (blocked && blockedUntil - now > 0) {
      return blockedUntil - now;
    }
    int wanted = Math.max(1, capacity / SHARE_TO_FREE);
    long tolerance = period - interval;
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
    // After a scan that freed little, a flood of new keys does not cause another scan each.
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

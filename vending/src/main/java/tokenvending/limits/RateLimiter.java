package tokenvending.limits;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Counts what each key does against one rate, by the generic cell rate algorithm (ITU-T I.371): for
 * each key only the time is held at which it will be as if it had never been seen. Not thread-safe.
 *
 * <p>It holds a bounded number of keys. When full it forgets those that are as good as new, then
 * those nearest to it; a key that is over the rate is never forgotten. So a forgotten key gains at
 * most what it had used; and while every key held is over the rate, new ones must wait.
 */
final class Meter<K> {
  /** Room is made for many at once, so that a look at all keys is rare. */
  private static final int SHARE_TO_FREE = 10;

  private static final long SHORTEST_PAUSE_NANOS = 100_000_000L;

  private final long interval;
  private final long tolerance;
  private final int capacity;
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

  Meter(Rate rate, int capacity) {
    // Rounded up: never more than the rate, at worst a nanosecond's share less.
    this.interval = Math.ceilDiv(rate.per().toNanos(), rate.count());
    this.tolerance = interval * (rate.count() - 1);
    this.capacity = capacity;
  }

  /** How long until the key may go on, in nanoseconds; 0 when it may now. Counts nothing. */
  long waitFor(K key, long now) {
    Cell cell = cells.get(key);
    if (cell != null) {
      return Math.max(0, cell.freshAt - now - tolerance);
    }
    return cells.size() < capacity ? 0 : makeRoom(now);
  }

  /** Counts once for the key, which may go on. */
  void count(K key, long now) {
    Cell cell = cells.computeIfAbsent(key, unknown -> new Cell(now));
    // By difference: the clock's origin is arbitrary, and it may wrap.
    cell.freshAt = (cell.freshAt - now > 0 ? cell.freshAt : now) + interval;
  }

  int size() {
    return cells.size();
  }

  private long makeRoom(long now) {
    if (blocked && blockedUntil - now > 0) {
      return blockedUntil - now;
    }
    int wanted = Math.max(1, capacity / SHARE_TO_FREE);
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

package tokenvending.redis;

import java.util.ArrayDeque;
import java.util.Deque;

/** A token service that counts calls, and remembers the fullest second. */
final class Upstream {
  private static final long SECOND = 1_000_000_000L;

  private final Deque<Long> arrivals = new ArrayDeque<>();
  private int calls;
  private int most;

  /** A call arrives. */
  synchronized void arrive() {
    long now = System.nanoTime();
    while (!arrivals.isEmpty() && now - arrivals.getFirst() >= SECOND) {
      arrivals.removeFirst();
    }
    arrivals.addLast(now);
    calls++;
    most = Math.max(most, arrivals.size());
  }

  synchronized int calls() {
    return calls;
  }

  /** The most calls in any sliding second so far. */
  synchronized int mostInASecond() {
    return most;
  }
}

package tokenvending.testing;

import java.util.ArrayDeque;
import java.util.Deque;

/** A token service that counts calls, and remembers the fullest second. */
public final class Upstream {
  private static final long SECOND = 1_000_000_000L;

  private final Deque<Long> arrivals = new ArrayDeque<>();
  private int calls;
  private int most;

  /** A call arrives. */
  public synchronized void arrive() {
    long now = System.nanoTime();
    while (!arrivals.isEmpty() && now - arrivals.getFirst() >= SECOND) {
      arrivals.removeFirst();
    }
    arrivals.addLast(now);
    calls++;
    most = Math.max(most, arrivals.size());
  }

  public synchronized int calls() {
    return calls;
  }

  /** The most calls in any sliding second so far. */
  public synchronized int mostInASecond() {
    return most;
  }
}

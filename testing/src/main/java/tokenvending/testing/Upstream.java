package tokenvending.testing;

import java.util.ArrayDeque;
import java.util.Deque;

/** A token service that counts calls, and the most in any second. */
public final class Upstream {
  private static final long SECOND = 1_000_000_000L;

  private final Deque<Long> arrivals = new ArrayDeque<>();
  private int calls;
  private int most;

  /** Counts a call. */
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

  /** Returns the most calls in any sliding second. */
  public synchronized int mostInASecond() {
    return most;
  }
}

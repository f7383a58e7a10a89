package tokenvending.server.http;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The resources that a start has opened so far. Closing this closes it, last opened first and all
 * of it whatever one of them throws; a start that came to its end keeps it instead.
 */
public final class OpenedResources implements AutoCloseable {
  private final Deque<Runnable> closings = new ArrayDeque<>();

  public void add(Runnable closing) {
    closings.push(closing);
  }

  /** From here on somebody else closes it. */
  public void keep() {
    closings.clear();
  }

  @Override
  public void close() {
    Runnable last = closings.poll();
    if (last != null) {
      try {
        last.run();
      } finally {
        close();
      }
    }
  }
}

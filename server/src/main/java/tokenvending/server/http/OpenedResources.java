package tokenvending.server.http;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The resources that a start has opened. Closing it closes all of them, the last one first, even if
 * one throws; a completed start calls {@link #keep} instead.
 */
public final class OpenedResources implements AutoCloseable {
  private final Deque<Runnable> closings = new ArrayDeque<>();

  public void add(Runnable closing) {
    closings.push(closing);
  }

  /** Transfers the resources to the caller, who must close them. */
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

package tokenvending.state;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Waits for the responses of a store. */
public final class StoreResponse {
  private StoreResponse() {}

  /**
   * Waits for a response. An interrupt does not end the wait, and is kept. If this process was
   * suspended until long after the timeout, it waits once more, because a response can have arrived
   * unread.
   *
   * @param nanoTime a monotonic clock
   */
  public static <T> T await(Future<T> response, Duration timeout, LongSupplier nanoTime)
      throws ExecutionException, TimeoutException {
    boolean interrupted = false;
    boolean again = false;
    long longest = timeout.toNanos();
    long start = nanoTime.getAsLong();
    try {
      while (true) {
        try {
          return response.get(longest - (nanoTime.getAsLong() - start), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          if (again || nanoTime.getAsLong() - start < 2 * longest) {
            throw e;
          }
          again = true;
          start = nanoTime.getAsLong();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

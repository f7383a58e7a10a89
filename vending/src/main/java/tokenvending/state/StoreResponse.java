package tokenvending.state;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Waits for what a store responds. */
public final class StoreResponse {
  private StoreResponse() {}

  /**
   * Waits for a response. Waits on when the thread is interrupted, which says nothing about the
   * store, and keeps the interrupt. Where this process itself stood still until long after the
   * timeout, it waits once more: it has not read yet what arrived meanwhile.
   *
   * @param nanoTime a clock that never steps
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

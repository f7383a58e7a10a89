package tokenvending.reuse;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Issued;

/**
 * Shares one call among the callers that wait for its result. Thread-safe.
 *
 * @param <K> identifies a call
 */
final class MintsInProgress<K> {
  private final Map<K, Mint> byKey = new ConcurrentHashMap<>();

  /**
   * Waits for the call in progress, or starts one. Empty if the thread was interrupted; the
   * interrupt is kept.
   */
  Optional<IssueResult> await(K key, Supplier<IssueResult> call) {
    while (true) {
      Mint mint = byKey.computeIfAbsent(key, k -> new Mint(call));
      Optional<IssueResult> result = mint.await(() -> byKey.remove(key, mint));
      if (result.isPresent() || Thread.currentThread().isInterrupted()) {
        return result;
      }
      // The call was abandoned because all other callers left; start another.
    }
  }

  /**
   * One call. It runs on its own thread, so that one caller can leave alone. When all have left, it
   * is abandoned.
   */
  private static final class Mint {
    private final Supplier<IssueResult> call;
    private final CountDownLatch over = new CountDownLatch(1);

    private int waiting;
    private boolean given;
    private boolean abandoned;
    private @Nullable Thread thread;
    private @Nullable IssueResult result;
    private @Nullable Throwable fault;

    Mint(Supplier<IssueResult> call) {
      this.call = call;
    }

    /**
     * Waits for the result, and starts the call if no other caller did. Empty if the thread was
     * interrupted, whose interrupt is kept, or if the call was abandoned.
     *
     * @param forget called when no more callers can join
     */
    Optional<IssueResult> await(Runnable forget) {
      if (!join(forget)) {
        return Optional.empty();
      }
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        leave(forget);
        return Optional.empty();
      }
      return Optional.of(take());
    }

    private synchronized boolean join(Runnable forget) {
      if (abandoned) {
        return false;
      }
      waiting++;
      if (thread == null) {
        thread = Thread.ofVirtual().name("mint").start(() -> run(forget));
      }
      return true;
    }

    private void run(Runnable forget) {
      IssueResult outcome = null;
      Throwable thrown = null;
      try {
        outcome = call.get();
      } catch (RuntimeException | Error e) {
        // An error must end the wait as well, such as an OutOfMemoryError or a class that does not
        // load.
        thrown = e;
      }
      forget.run();
      synchronized (this) {
        result = outcome;
        fault = thrown;
      }
      over.countDown();
    }

    private synchronized void leave(Runnable forget) {
      waiting--;
      if (waiting == 0 && thread != null) {
        abandoned = true;
        forget.run();
        thread.interrupt();
      }
    }

    /** Returns the result as it is to the first caller, and as a reused token to the others. */
    private synchronized IssueResult take() {
      switch (fault) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case null, default -> {}
      }
      IssueResult outcome = Objects.requireNonNull(result);
      if (outcome instanceof Issued issued && !issued.reused()) {
        boolean first = !given;
        given = true;
        return first ? outcome : new Issued(issued.token(), true);
      }
      return outcome;
    }
  }
}

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
 * Calls whose outcome several callers wait for, by what they are for. Thread-safe.
 *
 * @param <K> what a call is for
 */
final class MintsInProgress<K> {
  private final Map<K, Mint> byKey = new ConcurrentHashMap<>();

  /**
   * Waits for the call in progress, and starts it where there is none. Empty when the thread was
   * interrupted, which it still is then.
   */
  Optional<IssueResult> await(K key, Supplier<IssueResult> call) {
    while (true) {
      Mint mint = byKey.computeIfAbsent(key, k -> new Mint(call));
      Optional<IssueResult> result = mint.await(() -> byKey.remove(key, mint));
      if (result.isPresent() || Thread.currentThread().isInterrupted()) {
        return result;
      }
      // All other callers left just now, so it was given up.
    }
  }

  /**
   * One call. It runs on a thread of its own, so that a caller leaves alone; when all have left it
   * is given up.
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
     * Waits for the outcome, and starts the call where no other caller did. Empty when the thread
     * was interrupted, which it still is then, or when the call had been given up.
     *
     * @param forget called when no more callers may join
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
        // An error, too, must end the wait: there may be no memory, or a class that does not load.
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

    /** The first gets it as it came, the others as something that was handed out before. */
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

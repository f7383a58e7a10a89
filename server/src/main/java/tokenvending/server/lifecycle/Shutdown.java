package tokenvending.server.lifecycle;

import java.time.Duration;
import java.util.Optional;

/**
 * Stops the process in order on a signal, within a deadline. A signal before there is anything to
 * stop ends the process at once and successfully.
 */
final class Shutdown {
  /** Longer than a request can take, and shorter than the usual grace period before a kill. */
  private static final Duration DEADLINE = Duration.ofSeconds(13);

  private final Thread hook = new Thread(this::run, "stop");
  private volatile Optional<Runnable> order = Optional.empty();
  private volatile int code = ExitCode.DONE;

  private Shutdown() {}

  static Shutdown onSignal() {
    Shutdown shutdown = new Shutdown();
    Runtime.getRuntime().addShutdownHook(shutdown.hook);
    return shutdown;
  }

  /** Sets the work that stops the process in order. */
  void inOrder(Runnable work) {
    order = Optional.of(work);
  }

  /** Makes every further end of the process a failure. */
  void failed() {
    code = ExitCode.REFUSED;
  }

  /** Removes the hook if there is nothing to stop in order, so that the exit code is kept. */
  void cancelUnlessInOrder() {
    if (order.isPresent()) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The shutdown is already in progress.
    }
  }

  private void run() {
    Thread work = Thread.ofPlatform().daemon().name("stop-in-order").start(order.orElse(() -> {}));
    boolean done = false;
    try {
      done = work.join(DEADLINE);
    } catch (InterruptedException e) {
      // The process ends in any case.
      Thread.currentThread().interrupt();
    }
    // The JVM would report the signal as a failure, but the stop was successful.
    Runtime.getRuntime().halt(done ? code : ExitCode.REFUSED);
  }
}

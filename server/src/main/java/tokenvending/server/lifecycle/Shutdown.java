package tokenvending.server.lifecycle;

import java.time.Duration;
import java.util.Optional;

/**
 * Stops the process in order on a signal, within a deadline. A signal that comes before there is
 * anything to end in order ends it at once, as a stop that went well.
 */
final class Shutdown {
  /** Longer than a request can take, and shorter than the time after which others kill. */
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

  /** What ends it in order. */
  void inOrder(Runnable work) {
    order = Optional.of(work);
  }

  /** From now on an end is a fault. */
  void failed() {
    code = ExitCode.REFUSED;
  }

  /** Leaves the end of the process to its exit code where there is nothing to end in order. */
  void cancelUnlessInOrder() {
    if (order.isPresent()) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It runs already.
    }
  }

  private void run() {
    Thread work = Thread.ofPlatform().daemon().name("stop-in-order").start(order.orElse(() -> {}));
    boolean done = false;
    try {
      done = work.join(DEADLINE);
    } catch (InterruptedException e) {
      // The process ends all the same.
      Thread.currentThread().interrupt();
    }
    // The JVM would report the signal as a failure; a stop that went well is none.
    Runtime.getRuntime().halt(done ? code : ExitCode.REFUSED);
  }
}

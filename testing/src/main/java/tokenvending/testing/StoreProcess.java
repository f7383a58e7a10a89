package tokenvending.testing;

import java.io.IOException;
import java.io.UncheckedIOException;

/** A store in its own process, with faults for tests. */
public sealed interface StoreProcess extends AutoCloseable permits RedisProcess, DynamoDbProcess {
  /** Suspends it with SIGSTOP: its connections stay open without responses. */
  void stop();

  /** Continues it after {@link #stop}. */
  void goOn();

  /** Ends it with SIGKILL. */
  void kill();

  /** Starts it again after {@link #kill}, empty and on the same port. */
  void startAgain();

  /** Deletes everything in it. */
  void empty();

  @Override
  default void close() {
    kill();
  }

  /** Sends a signal to a process that the caller started. */
  static void signal(Process process, String name) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("no such process: " + process.pid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

package tokenvending.testing;

import java.io.IOException;
import java.io.UncheckedIOException;

/** A store in its own process, and what can happen to it. */
public sealed interface StoreProcess extends AutoCloseable permits RedisProcess, DynamoDbProcess {
  /** Stops it with SIGSTOP: its connections stay open, and nothing is answered. */
  void stop();

  /** Continues it after {@link #stop}. */
  void goOn();

  /** Ends it with SIGKILL. */
  void kill();

  /** Starts it again after {@link #kill}, on the same port, and empty. */
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

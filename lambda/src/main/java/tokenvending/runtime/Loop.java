package tokenvending.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOError;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;

/**
 * A function's life: it begins, answers one event after the other, and ends where it cannot go on.
 * Says and does on failures what AWS's own client for Java says and does, so that a function
 * behaves alike under both.
 */
public final class Loop {
  /** For libraries that trace: a JVM cannot change its environment. */
  private static final String TRACE = "com.amazonaws.xray.traceHeader";

  private static final int FAILED = 1;

  private final RuntimeApi api;
  private final BiConsumer<String, Throwable> log;

  /**
   * Connects nothing yet.
   *
   * @param authority {@code HOST:PORT} of the Runtime API
   * @param log hears of every failure
   */
  public Loop(String authority, BiConsumer<String, Throwable> log) {
    this.api = new RuntimeApi(new KeptConnection(authority));
    this.log = log;
  }

  /**
   * Runs until the process has to end.
   *
   * @param begin makes the function; what it throws is a start that failed
   * @return the exit code
   */
  public int run(Callable<Handler> begin) {
    try (api) {
      Handler handler;
      try {
        handler = begin.call();
      } catch (Throwable thrown) {
        log.accept("the function cannot start", thrown);
        api.failStart(ErrorReport.ofStart(thrown));
        return FAILED;
      }
      while (answerNext(handler)) {
        // A function that let itself be interrupted has nothing to do with the next event.
        var _ = Thread.interrupted();
      }
      // What AWS's client says, too: that event was told of its error.
      return 0;
    } catch (IOException e) {
      log.accept("the Runtime API is of no use", e);
      return FAILED;
    }
  }

  /** Whether the process is good for another event. */
  private boolean answerNext(Handler handler) throws IOException {
    Invocation invocation = api.next();
    invocation
        .traceId()
        .ifPresentOrElse(id -> System.setProperty(TRACE, id), () -> System.clearProperty(TRACE));
    try {
      ByteArrayOutputStream answer = new ByteArrayOutputStream(4096);
      handler.handle(invocation.event(), answer);
      api.respond(invocation, answer.toByteArray());
      return true;
    } catch (Throwable thrown) {
      try {
        api.fail(invocation, ErrorReport.ofInvocation(thrown));
      } finally {
        log.accept("an event was not answered", thrown);
      }
      // The JVM may be short of anything now.
      return !(thrown instanceof VirtualMachineError || thrown instanceof IOError);
    }
  }
}

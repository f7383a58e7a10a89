package tokenvending.lambda.runtime;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one event after the other and answers it. Behaves as AWS's own client does: an exception is
 * reported and the next event taken; after an {@link Error} the process is not to be trusted and
 * ends.
 */
public final class RuntimeLoop {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeLoop.class);

  private final RuntimeApi api;
  private final EventHandler handler;

  public RuntimeLoop(RuntimeApi api, EventHandler handler) {
    this.api = api;
    this.handler = handler;
  }

  /**
   * Returns when {@code more} says so, asked between two events.
   *
   * @throws IOException when the Runtime API went away, or refused what it was told
   */
  public void run(BooleanSupplier more) throws IOException {
    while (more.getAsBoolean()) {
      Invocation invocation = api.next();
      ByteArrayOutputStream answer = new ByteArrayOutputStream(1024);
      try {
        handler.handle(new ByteArrayInputStream(invocation.event()), answer);
      } catch (IOException | RuntimeException e) {
        failed(invocation, e);
        continue;
      } catch (Error e) {
        failed(invocation, e);
        throw e;
      }
      api.answer(invocation.id(), answer);
    }
  }

  private void failed(Invocation invocation, Throwable cause) throws IOException {
    LOG.atError()
        .addKeyValue("request", invocation.id())
        .addKeyValue("fault", cause.getClass().getName())
        .log("an event was not answered");
    api.fail(invocation.id(), Failure.of(cause));
  }
}

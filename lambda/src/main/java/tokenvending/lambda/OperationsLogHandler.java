package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Writes the operations log as CloudWatch likes it: one JSON object a line, in one write. An
 * exception's class is told and its message is not, which may quote what a caller sent.
 */
final class OperationsLogHandler extends Handler {
  private static final JsonFactory JSON = new JsonFactory();

  private final OutputStream out;
  // The JDK forgets the level of a logger that nobody holds.
  private final List<Logger> held;

  private OperationsLogHandler(OutputStream out) {
    this.out = out;
    this.held = List.of(Logger.getLogger(""), Logger.getLogger("tokenvending"));
  }

  /** Replaces whatever the JDK's log writes to. Ours from INFO, libraries from WARNING. */
  static void install(OutputStream out) {
    OperationsLogHandler log = new OperationsLogHandler(out);
    Logger root = log.held.getFirst();
    for (Handler before : root.getHandlers()) {
      root.removeHandler(before);
    }
    root.addHandler(log);
    root.setLevel(Level.WARNING);
    log.held.getLast().setLevel(Level.INFO);
  }

  @Override
  public void publish(LogRecord entry) {
    if (!isLoggable(entry)) {
      return;
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("time", entry.getInstant().toString());
      json.writeStringField("level", entry.getLevel().getName());
      json.writeStringField("logger", String.valueOf(entry.getLoggerName()));
      json.writeStringField("message", String.valueOf(entry.getMessage()));
      Throwable fault = entry.getThrown();
      if (fault != null) {
        json.writeStringField("fault", fault.getClass().getName());
      }
      json.writeEndObject();
    } catch (IOException e) {
      return;
    }
    line.writeBytes("\n".getBytes(UTF_8));
    synchronized (out) {
      try {
        line.writeTo(out);
        out.flush();
      } catch (IOException e) {
        // Where a log cannot be written there is nobody to tell.
      }
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}

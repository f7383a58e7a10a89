package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import tokenvending.text.JsonObject;

/**
 * Writes the operations log for CloudWatch: one JSON object per line, in one write. It contains an
 * exception's class but not its message, which can quote input of a caller.
 */
final class OperationsLogHandler extends Handler {
  private final OutputStream out;
  // The JDK drops the level of a logger without a reference.
  private final List<Logger> held;

  private OperationsLogHandler(OutputStream out) {
    this.out = out;
    this.held = List.of(Logger.getLogger(""), Logger.getLogger("tokenvending"));
  }

  /**
   * Replaces the handlers of the JDK's log. This program logs from INFO, libraries from WARNING.
   */
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

  /** Redirects {@code System.err} to the log, one entry for each line. */
  static void captureStandardError(OutputStream out) {
    System.setErr(new PrintStream(new StandardError(out), true, UTF_8));
  }

  /** One JSON object for each line. */
  private static final class StandardError extends OutputStream {
    private final OutputStream out;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    StandardError(OutputStream out) {
      this.out = out;
    }

    @Override
    public synchronized void write(int octet) throws IOException {
      if (octet != '\n') {
        line.write(octet);
        return;
      }
      byte[] entry =
          new JsonObject()
              .text("level", "WARN")
              .text("logger", "stderr")
              .text("message", line.toString(UTF_8))
              .line();
      line.reset();
      synchronized (out) {
        out.write(entry);
        out.flush();
      }
    }
  }

  @Override
  public void publish(LogRecord entry) {
    if (!isLoggable(entry)) {
      return;
    }
    byte[] line =
        new JsonObject()
            .text("time", entry.getInstant().toString())
            .text("level", entry.getLevel().getName())
            .text("logger", String.valueOf(entry.getLoggerName()))
            .text("message", String.valueOf(entry.getMessage()))
            .text("fault", Optional.ofNullable(entry.getThrown()).map(e -> e.getClass().getName()))
            .line();
    synchronized (out) {
      try {
        out.write(line);
        out.flush();
      } catch (IOException e) {
        // Without a log there is nowhere to report this.
      }
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}

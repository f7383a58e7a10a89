package tokenvending.journal;

import java.io.IOException;
import java.io.OutputStream;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.AuditSink;

/**
 * Writes each record to a stream, such as standard output, as one line in one write, flushed.
 * Records that the stream does not take are reported as not recorded.
 */
public final class StreamAuditSink implements AuditSink {
  private final OutputStream stream;
  private final Object lock = new Object();
  private boolean torn;

  /**
   * Hands whole lines to the stream.
   *
   * @param stream one that reports its failures, as a {@link java.io.PrintStream} does not
   */
  public StreamAuditSink(OutputStream stream) {
    this.stream = stream;
  }

  @Override
  public boolean record(AuditEvent event) {
    byte[] line = JsonLines.encode(event);
    synchronized (lock) {
      try {
        stream.write(torn ? Lines.onALineOfItsOwn(line) : line);
        stream.flush();
        torn = false;
        return true;
      } catch (IOException e) {
        torn = true;
        return false;
      }
    }
  }
}

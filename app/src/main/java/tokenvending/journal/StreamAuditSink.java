package tokenvending.journal;

import java.io.IOException;
import java.io.OutputStream;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.AuditSink;

/**
 * Writes to a stream that somebody else collects, such as standard output: one write for each line,
 * so that lines never mix.
 */
public final class StreamAuditSink implements AuditSink {
  private final JsonLines lines = new JsonLines();
  private final OutputStream to;

  public StreamAuditSink(OutputStream to) {
    this.to = to;
  }

  @Override
  public boolean record(AuditEvent event) {
    byte[] line = lines.line(event);
    synchronized (to) {
      try {
        to.write(line);
        to.flush();
        return true;
      } catch (IOException e) {
        return false;
      }
    }
  }
}

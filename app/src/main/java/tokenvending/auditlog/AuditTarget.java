package tokenvending.auditlog;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The destination of {@link AuditWriter}. Only the writer's thread uses it, so calls can block for
 * any time.
 */
interface AuditTarget {
  /** The name for operators: a path, or {@code standard output}. */
  String name();

  /**
   * Writes whole lines.
   *
   * @param lines written up to its limit; after an exception its position is the number of bytes
   *     that were certainly written, and the next call begins on a new line
   */
  void write(ByteBuffer lines) throws IOException;

  /** Closes what this target opened itself. */
  void close();
}

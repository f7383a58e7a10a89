package tokenvending.auditlog;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where {@link AuditWriter} writes its lines. Only the writer's thread uses it, so a call may block
 * for any time.
 */
interface AuditTarget {
  /** What an operator calls it: a path, or {@code standard output}. */
  String name();

  /**
   * Writes whole lines.
   *
   * @param lines written up to its limit; after an exception its position says how many bytes were
   *     written for certain, and the next call begins on a new line
   */
  void write(ByteBuffer lines) throws IOException;

  /** Releases what this target opened itself. */
  void close();
}

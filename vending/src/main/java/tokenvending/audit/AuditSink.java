package tokenvending.audit;

import java.util.Optional;

/** Where audit events go. Thread-safe. */
public interface AuditSink {
  /**
   * Writes the event so that it survives this process. Blocks, but not longer than a bound of the
   * implementation; must not be called on an event loop. Does not throw.
   *
   * @return whether it was written; where not, the event must not take effect
   */
  boolean record(AuditEvent event);

  /** Has the event written some time soon, or counted. Does not block, and does not throw. */
  default void submit(AuditEvent event) {
    var _ = record(event);
  }

  /**
   * Why no event can be written now, in a sentence for the operator; absent where one can, as far
   * as that is known. Does not block.
   */
  default Optional<String> problem() {
    return Optional.empty();
  }
}

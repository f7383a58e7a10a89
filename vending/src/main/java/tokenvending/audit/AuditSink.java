package tokenvending.audit;

import java.util.Optional;

/** Writes audit events. Thread-safe. */
public interface AuditSink {
  /**
   * Writes the event durably. Blocks up to a limit of the implementation, so it must not run on an
   * event loop. Does not throw.
   *
   * @return whether the event was written; if not, the request must be rejected
   */
  boolean record(AuditEvent event);

  /** Queues the event, or counts it if the queue is full. Does not block and does not throw. */
  default void submit(AuditEvent event) {
    var _ = record(event);
  }

  /** Returns a sentence for the operator if events are known to be unwritable. Does not block. */
  default Optional<String> problem() {
    return Optional.empty();
  }
}

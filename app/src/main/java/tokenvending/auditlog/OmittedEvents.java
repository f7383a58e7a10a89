package tokenvending.auditlog;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tokenvending.audit.AuditEvent;

/** Counts the audit events that did not fit into the queue. Thread-safe. */
final class OmittedEvents {
  private long count;
  private @Nullable AuditEvent last;

  synchronized void count(AuditEvent event) {
    count++;
    last = event;
  }

  /**
   * Returns one event for all that were counted since the previous call; empty if there were none.
   */
  synchronized Optional<AuditEvent> take() {
    Optional<AuditEvent> sum = Optional.ofNullable(last).map(event -> event.leftOut(count));
    count = 0;
    last = null;
    return sum;
  }
}

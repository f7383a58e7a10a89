package tokenvending.auditlog;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tokenvending.audit.AuditEvent;

/** Counts the audit events for which the queue had no room. Thread-safe. */
final class OmittedEvents {
  private long count;
  private @Nullable AuditEvent last;

  synchronized void count(AuditEvent event) {
    count++;
    last = event;
  }

  /** The events since the previous call, as one; absent where there were none. */
  synchronized Optional<AuditEvent> take() {
    Optional<AuditEvent> sum = Optional.ofNullable(last).map(event -> event.leftOut(count));
    count = 0;
    last = null;
    return sum;
  }
}

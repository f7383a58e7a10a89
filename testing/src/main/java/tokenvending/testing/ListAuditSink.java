package tokenvending.testing;

import java.util.ArrayList;
import java.util.List;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.AuditSink;

/** Keeps records in memory, or loses them all when told to. Thread-safe. */
public final class ListAuditSink implements AuditSink {
  private final List<AuditEvent> events = new ArrayList<>();
  private final List<AuditEvent> lost = new ArrayList<>();
  private boolean failing;

  /** From now on every record is lost, and the caller told so. */
  public synchronized ListAuditSink fail() {
    failing = true;
    return this;
  }

  /** From now on records are kept again. */
  public synchronized ListAuditSink recover() {
    failing = false;
    return this;
  }

  @Override
  public synchronized boolean record(AuditEvent event) {
    (failing ? lost : events).add(event);
    return !failing;
  }

  /** What was kept, in order. */
  public synchronized List<AuditEvent> events() {
    return List.copyOf(events);
  }

  /** What could not be kept, in order. */
  public synchronized List<AuditEvent> lost() {
    return List.copyOf(lost);
  }

  /** The one record that was kept; fails where there is none, or more than one. */
  public synchronized AuditEvent onlyEvent() {
    if (events.size() != 1) {
      throw new AssertionError("expected one record, but there are " + events.size());
    }
    return events.getFirst();
  }
}

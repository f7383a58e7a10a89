package tokenvending.testing;

import java.util.ArrayList;
import java.util.List;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.AuditSink;

/** Stores audit events in memory, or fails when the test requires it. Thread-safe. */
public final class ListAuditSink implements AuditSink {
  private final List<AuditEvent> events = new ArrayList<>();
  private final List<AuditEvent> lost = new ArrayList<>();
  private boolean failing;

  /** Makes every further event fail. */
  public synchronized ListAuditSink fail() {
    failing = true;
    return this;
  }

  /** Stores further events again. */
  public synchronized ListAuditSink recover() {
    failing = false;
    return this;
  }

  @Override
  public synchronized boolean record(AuditEvent event) {
    (failing ? lost : events).add(event);
    return !failing;
  }

  /** Returns the stored events, in order. */
  public synchronized List<AuditEvent> events() {
    return List.copyOf(events);
  }

  /** Returns the events that could not be stored, in order. */
  public synchronized List<AuditEvent> lost() {
    return List.copyOf(lost);
  }

  /** Returns the only stored event; fails if there is none, or more than one. */
  public synchronized AuditEvent onlyEvent() {
    if (events.size() != 1) {
      throw new AssertionError("expected one record, but there are " + events.size());
    }
    return events.getFirst();
  }
}

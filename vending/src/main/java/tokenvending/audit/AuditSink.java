package tokenvending.audit;

/** Where records go. Thread-safe. */
public interface AuditSink {
  /** Writes the record so that it survives this process. Returns whether it did; does not throw. */
  boolean record(AuditEvent event);
}

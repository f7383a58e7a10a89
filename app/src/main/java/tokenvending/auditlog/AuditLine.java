package tokenvending.auditlog;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tokenvending.audit.AuditEvent;

/**
 * One line for the audit log and its state. If a caller waits for it, the response to the caller
 * and the log always agree: a line that is late, or possibly incomplete, is replaced or followed by
 * that of {@link AuditEvent#notRecorded}. Thread-safe.
 */
final class AuditLine {
  private final JsonLines json;
  private final Optional<AuditEvent> awaited;
  private final CountDownLatch decided = new CountDownLatch(1);
  private byte[] bytes;
  private boolean written;
  private boolean tooLate;
  private boolean replaced;

  private AuditLine(JsonLines json, Optional<AuditEvent> awaited, byte[] bytes) {
    this.json = json;
    this.awaited = awaited;
    this.bytes = bytes;
  }

  /** Creates a line for which a caller waits. */
  static AuditLine awaited(AuditEvent event, JsonLines json) {
    return new AuditLine(json, Optional.of(event), json.encode(event));
  }

  /** Creates a line for which no caller waits. It is tried until it is written. */
  static AuditLine alone(AuditEvent event, JsonLines json) {
    return new AuditLine(json, Optional.empty(), json.encode(event));
  }

  /** Creates an empty line, which wakes the writer. */
  static AuditLine wakeUp(JsonLines json) {
    return new AuditLine(json, Optional.empty(), new byte[0]);
  }

  /**
   * Waits until the line is written. Returns whether it was within the time. Keeps an interrupt.
   */
  boolean await(Duration longest) {
    boolean interrupted = false;
    boolean waiting = true;
    while (waiting) {
      try {
        var _ = decided.await(longest.toNanos(), TimeUnit.NANOSECONDS);
        waiting = false;
      } catch (InterruptedException e) {
        // The request was canceled, but the result of its event must still be known.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return isInTime();
  }

  private synchronized boolean isInTime() {
    tooLate = !written;
    return written;
  }

  /** Returns the bytes to write now. */
  synchronized byte[] begin() {
    if (tooLate && awaited.isPresent() && !replaced) {
      bytes = json.encode(awaited.get().notRecorded());
      replaced = true;
    }
    return bytes;
  }

  /** Reports that the whole line was written. Returns the line that must follow, if any. */
  synchronized Optional<AuditLine> written() {
    written = true;
    decided.countDown();
    return tooLate ? correction() : Optional.empty();
  }

  /** Reports that the line is possibly incomplete. Returns the line that must follow. */
  synchronized AuditLine lost() {
    decided.countDown();
    return correction().orElse(this);
  }

  private Optional<AuditLine> correction() {
    return replaced ? Optional.empty() : awaited.map(event -> alone(event.notRecorded(), json));
  }
}

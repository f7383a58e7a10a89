package tokenvending.auditlog;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tokenvending.audit.AuditEvent;

/**
 * One line for the audit log, and its state. Where a caller waits for it, what the caller was
 * answered and what the log says in the end agree: a line that comes too late, or may have been
 * written in part, is replaced or followed by that of {@link AuditEvent#notRecorded}. Thread-safe.
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

  /** A line for which one caller waits. */
  static AuditLine awaited(AuditEvent event, JsonLines json) {
    return new AuditLine(json, Optional.of(event), json.encode(event));
  }

  /** A line for which no caller waits. It is tried until it is written. */
  static AuditLine alone(AuditEvent event, JsonLines json) {
    return new AuditLine(json, Optional.empty(), json.encode(event));
  }

  /** Nothing to write, for a writer that waits for lines. */
  static AuditLine wakeUp(JsonLines json) {
    return new AuditLine(json, Optional.empty(), new byte[0]);
  }

  /** Whether it is written within this time. Keeps an interrupt for later. */
  boolean await(Duration longest) {
    boolean interrupted = false;
    boolean waiting = true;
    while (waiting) {
      try {
        var _ = decided.await(longest.toNanos(), TimeUnit.NANOSECONDS);
        waiting = false;
      } catch (InterruptedException e) {
        // The request was canceled. That is no reason to leave its event unclear.
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

  /** What to write now. */
  synchronized byte[] begin() {
    if (tooLate && awaited.isPresent() && !replaced) {
      bytes = json.encode(awaited.get().notRecorded());
      replaced = true;
    }
    return bytes;
  }

  /** All of it was written. Returns the line that must follow, if any. */
  synchronized Optional<AuditLine> written() {
    written = true;
    decided.countDown();
    return tooLate ? correction() : Optional.empty();
  }

  /** Not all of it was written. Returns the line that must follow. */
  synchronized AuditLine lost() {
    decided.countDown();
    return correction().orElse(this);
  }

  private Optional<AuditLine> correction() {
    return replaced ? Optional.empty() : awaited.map(event -> alone(event.notRecorded(), json));
  }
}

package tokenvending.audit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import tokenvending.identity.Attempt;

/**
 * Puts on record what was refused before it could be a vend request. Strangers cause these at no
 * cost, so a flood of them must not fill the disk: a hundred at once and ten a second are written
 * one by one, and what is left out is counted and written as a number. Thread-safe.
 */
public final class UnreadRequests {
  private static final int AT_ONCE = 100;
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  private final AuditSink sink;
  private final LongSupplier nanoTime;
  private final ReentrantLock counting = new ReentrantLock();
  private long paidUntil;
  private long leftOut;

  /**
   * Writes to this sink.
   *
   * @param nanoTime a clock that never steps, such as {@link System#nanoTime}
   */
  public UnreadRequests(AuditSink sink, LongSupplier nanoTime) {
    this.sink = sink;
    this.nanoTime = nanoTime;
    this.paidUntil = nanoTime.getAsLong() - AT_ONCE * PAUSE_NANOS;
  }

  /**
   * Records one, or counts it. One that the sink loses is counted, too: it was refused, whether or
   * not that is on record.
   *
   * @param outcome the kind of refusal
   * @param reason why, as a fixed word
   */
  public void refused(Attempt attempt, String outcome, String reason) {
    long missing;
    counting.lock();
    try {
      if (!mayWrite()) {
        leftOut++;
        return;
      }
      missing = leftOut;
      leftOut = 0;
    } finally {
      counting.unlock();
    }
    if (missing > 0 && !written(attempt, "left-out", Long.toString(missing))) {
      count(missing);
    }
    if (!written(attempt, outcome, reason)) {
      count(1);
    }
  }

  /** A budget that fills while nothing happens, at most to what may be written at once. */
  private boolean mayWrite() {
    long now = nanoTime.getAsLong();
    long paid = paidUntil - now < -AT_ONCE * PAUSE_NANOS ? now - AT_ONCE * PAUSE_NANOS : paidUntil;
    if (paid + PAUSE_NANOS - now > 0) {
      return false;
    }
    paidUntil = paid + PAUSE_NANOS;
    return true;
  }

  private void count(long more) {
    counting.lock();
    try {
      leftOut += more;
    } finally {
      counting.unlock();
    }
  }

  private boolean written(Attempt attempt, String outcome, String reason) {
    try {
      return sink.record(
          new AuditEvent(
              attempt.at(),
              attempt.requestId(),
              attempt.from().text(),
              Optional.empty(),
              Optional.empty(),
              List.of(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              outcome,
              Optional.of(reason),
              false));
    } catch (RuntimeException e) {
      // A sink does not throw; one that does has not recorded either.
      return false;
    }
  }
}

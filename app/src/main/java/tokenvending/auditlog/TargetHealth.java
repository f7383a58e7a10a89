package tokenvending.auditlog;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tracks whether the audit target accepts lines: it does not after a failed write, or during one
 * that takes too long. Logs the start and the end of an outage once each. Thread-safe.
 */
final class TargetHealth {
  private static final Logger LOG = LoggerFactory.getLogger(TargetHealth.class);

  private final String target;
  private final LongSupplier nanoTime;
  private final Duration longestWrite;

  private @Nullable Long writingSince;
  private @Nullable String failure;
  private boolean tooLong;
  private boolean outage;

  TargetHealth(String target, LongSupplier nanoTime, Duration longestWrite) {
    this.target = target;
    this.nanoTime = nanoTime;
    this.longestWrite = longestWrite;
  }

  synchronized void begins() {
    writingSince = nanoTime.getAsLong();
    tooLong = false;
  }

  /** Reports that a caller's wait for its line ended without a result. */
  void gaveUp() {
    synchronized (this) {
      tooLong = writingSince != null;
    }
    var _ = problem();
  }

  void succeeded() {
    boolean recovered;
    synchronized (this) {
      writingSince = null;
      failure = null;
      recovered = outage;
      outage = false;
    }
    if (recovered) {
      LOG.atInfo().addKeyValue("target", target).log("the audit log can be written again");
    }
  }

  void failed(Exception cause) {
    synchronized (this) {
      writingSince = null;
      failure = cause.toString();
    }
    var _ = problem();
  }

  synchronized boolean hasFailed() {
    return failure != null;
  }

  /** Returns a sentence for the operator about why no line can be written; empty if one can. */
  Optional<String> problem() {
    String reason;
    boolean begins;
    synchronized (this) {
      if (failure != null) {
        reason = failure;
      } else if (writingSince != null
          && (tooLong || nanoTime.getAsLong() - writingSince >= longestWrite.toNanos())) {
        reason = "no line was accepted for " + longestWrite.toMillis() + " ms";
      } else {
        return Optional.empty();
      }
      begins = !outage;
      outage = true;
    }
    if (begins) {
      LOG.atError()
          .addKeyValue("target", target)
          .addKeyValue("reason", reason)
          .log("the audit log cannot be written, so no token is vended");
    }
    return Optional.of("the audit log cannot be written: " + target + ": " + reason);
  }
}

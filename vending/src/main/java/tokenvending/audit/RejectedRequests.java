package tokenvending.audit;

import java.time.Duration;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.PresentedCredential;
import tokenvending.limits.RejectionLimits;

/** Counts and audits requests that are rejected before they can be parsed. Thread-safe. */
public final class RejectedRequests {
  private static final PresentedCredential NONE = new PresentedCredential.None();

  private final AuditSink sink;
  private final RejectionLimits limits;

  /**
   * Audits rejections to a sink.
   *
   * @param sink limits what it writes, see {@link BoundedAuditSink}
   */
  public RejectedRequests(AuditSink sink, RejectionLimits limits) {
    this.sink = sink;
    this.limits = limits;
  }

  /** Returns how long the next request of this address must wait; zero if it can be read now. */
  public Duration waitFor(ClientAddress from) {
    return limits.waitFor(from, NONE);
  }

  /**
   * Audits a rejected request and counts it against its address.
   *
   * @param outcome the kind of rejection
   * @param reason a fixed word for the cause
   */
  public void rejected(Attempt attempt, String outcome, String reason) {
    limits.rejected(attempt.from(), NONE);
    audit(attempt, outcome, reason);
  }

  /** Audits a request that was rejected because its address exceeded its limit. */
  public void throttled(Attempt attempt) {
    audit(attempt, "throttled", "ADDRESS_LIMIT");
  }

  private void audit(Attempt attempt, String outcome, String reason) {
    AuditEvent event =
        AuditEvent.withoutToken(
            attempt,
            Optional.empty(),
            Optional.empty(),
            outcome,
            Optional.of(reason),
            AuditEvent.Basis.none());
    // Does not wait, because event loops reject requests too.
    sink.submit(event);
  }
}

package tokenvending.audit;

import java.time.Duration;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.PresentedCredential;
import tokenvending.limits.RejectionLimits;

/** Counts and audits what is rejected before it can be a vend request. Thread-safe. */
public final class RejectedRequests {
  private static final PresentedCredential NONE = new PresentedCredential.None();

  private final AuditSink sink;
  private final RejectionLimits limits;

  /**
   * Rejections that go to this sink.
   *
   * @param sink bounds what it writes, see {@link BoundedAuditSink}
   */
  public RejectedRequests(AuditSink sink, RejectionLimits limits) {
    this.sink = sink;
    this.limits = limits;
  }

  /** How long until the next request of this address may be looked at; zero when it may now. */
  public Duration waitFor(ClientAddress from) {
    return limits.waitFor(from, NONE);
  }

  /**
   * Audits a request that was rejected, and counts it against its address.
   *
   * @param outcome the kind of rejection
   * @param reason why, as a fixed word
   */
  public void rejected(Attempt attempt, String outcome, String reason) {
    limits.rejected(attempt.from(), NONE);
    audit(attempt, outcome, reason);
  }

  /** Audits a request that was rejected because its address is over the limit. */
  public void throttled(Attempt attempt) {
    audit(attempt, "throttled", "PER_ADDRESS");
  }

  private void audit(Attempt attempt, String outcome, String reason) {
    AuditEvent event =
        AuditEvent.withoutToken(
            attempt.at(),
            attempt.requestId(),
            attempt.from().text(),
            Optional.empty(),
            Optional.empty(),
            outcome,
            Optional.of(reason),
            AuditEvent.Basis.none());
    // Not waited for: event loops reject, too. It was rejected, whether or not that is audited.
    sink.submit(event);
  }
}

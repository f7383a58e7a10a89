package tokenvending.vending;

import java.util.Optional;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.AuditSink;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.VendedToken;
import tokenvending.limits.Admission;
import tokenvending.observation.Observer;
import tokenvending.policy.Decision;
import tokenvending.policy.Grant;

/**
 * Audits every outcome before it is returned. If the audit event cannot be written, the outcome
 * becomes {@link Refusal.NotAudited} and a minted token is dropped. Thread-safe.
 */
public final class Recorder {
  private final AuditSink sink;
  private final Observer observer;
  private final Attribution attribution;

  /**
   * Writes to a sink.
   *
   * @param attribution adds what decisions rest on
   */
  public Recorder(AuditSink sink, Observer observer, Attribution attribution) {
    this.sink = sink;
    this.observer = observer;
    this.attribution = attribution;
  }

  /** A recorder without metrics. */
  public Recorder(AuditSink sink) {
    this(sink, Observer.none(), Attribution.none());
  }

  /**
   * Rejects a request before any work if its outcome could not be audited; empty if it can, as far
   * as is known. The rejection is audited once that is possible.
   */
  Optional<VendOutcome> unavailable(Attempt attempt) {
    if (sink.problem().isEmpty()) {
      return Optional.empty();
    }
    Refusal refusal = new Refusal.NotAudited();
    AuditEvent event = event(attempt, Optional.empty(), Optional.empty(), refusal);
    sink.submit(event);
    observer.vendEnded(event.outcome(), Optional.empty(), false);
    return Optional.of(refusal);
  }

  /** Audits the rejection of a request about which only its origin is known. */
  public VendOutcome refused(Attempt attempt, Refusal refusal) {
    return release(event(attempt, Optional.empty(), Optional.empty(), refusal), refusal);
  }

  /** Audits the rejection of a caller that is not authenticated. */
  public VendOutcome refused(Attempt attempt, AuthenticationResult result) {
    Refusal refusal =
        switch (result) {
          case AuthenticationResult.Unauthenticated(var reason, var challenges) ->
              new Refusal.Unauthenticated(reason, challenges);
          case AuthenticationResult.LoginThrottled(var retryAfter) ->
              new Refusal.LoginThrottled(retryAfter);
          case AuthenticationResult.Undecidable(var retryAfter) ->
              new Refusal.AuthenticationUnavailable(retryAfter);
          case AuthenticationResult.Authenticated(var caller) -> throw noRefusal();
        };
    return refused(attempt, refusal);
  }

  VendOutcome refused(Attempt attempt, Principal caller, Refusal refusal) {
    return release(event(attempt, Optional.of(caller), Optional.empty(), refusal), refusal);
  }

  VendOutcome refused(Attempt attempt, Principal caller, Decision decision) {
    return switch (decision) {
      case Decision.Denied(String rule, Decision.Reason reason) -> {
        Refusal refusal = new Refusal.NotPermitted(rule, reason);
        Optional<String> matched = rule.isEmpty() ? Optional.empty() : Optional.of(rule);
        yield release(event(attempt, Optional.of(caller), matched, refusal), refusal);
      }
      case Decision.Granted(Grant grant) -> throw noRefusal();
    };
  }

  VendOutcome refused(Attempt attempt, Grant grant, Admission.Throttled throttled) {
    return refused(
        attempt, grant, new Refusal.Throttled(throttled.scope(), throttled.retryAfter()));
  }

  VendOutcome refused(Attempt attempt, Grant grant, IssueResult result) {
    Refusal refusal =
        switch (result) {
          case IssueResult.Unavailable(var cause, var retryAfter) ->
              new Refusal.TokenServiceUnavailable(cause, retryAfter);
          case IssueResult.UpstreamFault(var category) -> new Refusal.TokenServiceFault(category);
          case IssueResult.Issued issued -> throw noRefusal();
        };
    return refused(attempt, grant, refusal);
  }

  VendOutcome vended(Attempt attempt, Grant grant, IssueResult.Issued issued) {
    VendedToken token = issued.token();
    AuditEvent event =
        new AuditEvent(
            attempt.at(),
            attempt.requestId(),
            attempt.traceId(),
            attempt.from().text(),
            Optional.of(caller(grant.caller())),
            Optional.of(grant.rule()),
            grant.permissions().texts(),
            Optional.of(token.expiresAt()),
            token.tokenId().map(id -> id.value()),
            Optional.of(token.token().sha256()),
            AuditEvent.VENDED,
            Optional.empty(),
            issued.reused(),
            attempt.exchanged(),
            attribution.of(Optional.of(grant.caller()), Optional.of(grant.rule())));
    return release(event, new VendOutcome.Vended(grant, token));
  }

  private VendOutcome refused(Attempt attempt, Grant grant, Refusal refusal) {
    return release(
        event(attempt, Optional.of(grant.caller()), Optional.of(grant.rule()), refusal), refusal);
  }

  private VendOutcome release(AuditEvent event, VendOutcome outcome) {
    boolean recorded;
    try {
      recorded = sink.record(event);
    } catch (RuntimeException e) {
      // A sink must not throw. If one does, the event counts as not written.
      recorded = false;
    }
    VendOutcome released = recorded ? outcome : new Refusal.NotAudited();
    observer.vendEnded(
        switch (released) {
          case VendOutcome.Vended vended -> event.outcome();
          case Refusal refusal -> word(refusal);
        },
        event.rule(),
        recorded && event.reused());
    return released;
  }

  private AuditEvent event(
      Attempt attempt, Optional<Principal> caller, Optional<String> rule, Refusal refusal) {
    return AuditEvent.withoutToken(
        attempt,
        caller.map(Recorder::caller),
        rule,
        word(refusal),
        reason(refusal),
        // The rules have not decided.
        refusal instanceof Refusal.Denied(var reason, Optional<String> note)
            ? attribution.of(Optional.empty(), rule).withNote(note)
            : attribution.of(caller, rule));
  }

  private static AuditEvent.Caller caller(Principal caller) {
    return new AuditEvent.Caller(
        caller.subject().map(subject -> caller.issuer()), caller.subject());
  }

  /** Returns the kind of a rejection, as in audit events. */
  public static String word(Refusal refusal) {
    return switch (refusal) {
      case Refusal.Malformed(var reason) -> "malformed-request";
      case Refusal.Unauthenticated(var reason, var challenges) -> "unauthenticated";
      case Refusal.NotPermitted(var rule, var reason) -> "not-permitted";
      case Refusal.Denied(var reason, var note) -> "not-permitted";
      case Refusal.LoginThrottled(var retryAfter) -> "throttled";
      case Refusal.Throttled(var scope, var retryAfter) -> "throttled";
      case Refusal.AuthenticationUnavailable(var retryAfter) -> "temporarily-unavailable";
      case Refusal.TokenServiceUnavailable(var cause, var retryAfter) -> "temporarily-unavailable";
      case Refusal.NotAudited() -> AuditEvent.TEMPORARILY_UNAVAILABLE;
      case Refusal.TokenServiceFault(var category) -> "upstream-fault";
      case Refusal.Internal() -> "internal";
    };
  }

  /** Returns the reason of a rejection, as in audit events; never for the caller. */
  public static Optional<String> reason(Refusal refusal) {
    return switch (refusal) {
      case Refusal.Malformed(var reason) -> Optional.of(reason);
      case Refusal.Unauthenticated(var reason, var challenges) -> Optional.of(reason.name());
      case Refusal.NotPermitted(var rule, var reason) -> Optional.of(reason.name());
      case Refusal.Denied(var reason, var note) -> Optional.of(reason.name());
      case Refusal.LoginThrottled(var retryAfter) -> Optional.of("LOGIN_THROTTLED");
      case Refusal.Throttled(var scope, var retryAfter) -> Optional.of(scope.name());
      case Refusal.AuthenticationUnavailable(var retryAfter) ->
          Optional.of(AuditEvent.AUTHENTICATION_UNAVAILABLE);
      case Refusal.TokenServiceUnavailable(var cause, var retryAfter) -> Optional.of(cause.name());
      case Refusal.NotAudited() -> Optional.of(AuditEvent.NOT_AUDITED);
      case Refusal.TokenServiceFault(var category) -> Optional.of(category.name());
      case Refusal.Internal() -> Optional.empty();
    };
  }

  private static IllegalArgumentException noRefusal() {
    return new IllegalArgumentException("that was no refusal");
  }
}

package tokenvending.vending;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tokenvending.identity.AuthenticationResult;
import tokenvending.issuing.IssueResult;
import tokenvending.limits.Admission;
import tokenvending.policy.Decision;

/**
 * The reason why no token was vended. The details are for the audit log and never shown to the
 * caller.
 */
public sealed interface Refusal extends VendOutcome {
  /** The request is malformed or has a parameter that is not allowed. */
  record Malformed(String reason) implements Refusal {}

  record Unauthenticated(AuthenticationResult.Reason reason, List<String> challenges)
      implements Refusal {
    public Unauthenticated {
      challenges = List.copyOf(challenges);
    }
  }

  record NotPermitted(String rule, Decision.Reason reason) implements Refusal {}

  /**
   * Denied before the policy decided.
   *
   * @param note the operator's, for the audit log
   */
  record Denied(Decision.Reason reason, Optional<String> note) implements Refusal {}

  record LoginThrottled(Duration retryAfter) implements Refusal {}

  record Throttled(Admission.Scope scope, Duration retryAfter) implements Refusal {}

  /** The issuer's keys or the users file cannot be read. */
  record AuthenticationUnavailable(Duration retryAfter) implements Refusal {}

  record TokenServiceUnavailable(IssueResult.Cause cause, Duration retryAfter) implements Refusal {}

  record TokenServiceFault(IssueResult.Category category) implements Refusal {}

  /** The audit event could not be written, so the token is not released. */
  record NotAudited() implements Refusal {}

  /** An internal error. */
  record Internal() implements Refusal {}
}

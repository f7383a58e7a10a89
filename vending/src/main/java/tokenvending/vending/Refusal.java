package tokenvending.vending;

import java.time.Duration;
import java.util.List;
import tokenvending.identity.AuthenticationResult;
import tokenvending.issuing.IssueResult;
import tokenvending.limits.Admission;
import tokenvending.policy.Decision;

/** Why no token was vended. The reasons inside are for records; no caller sees them. */
public sealed interface Refusal extends VendOutcome {
  /** The request cannot be understood, or says what it may not say. */
  record Malformed(String reason) implements Refusal {}

  record Unauthenticated(AuthenticationResult.Reason reason, List<String> challenges)
      implements Refusal {
    public Unauthenticated {
      challenges = List.copyOf(challenges);
    }
  }

  record NotPermitted(String rule, Decision.Reason reason) implements Refusal {}

  record GuessingTooFast(Duration retryAfter) implements Refusal {}

  record Throttled(Admission.Scope scope, Duration retryAfter) implements Refusal {}

  /** Whoever must vouch for the caller is out of reach. */
  record AuthenticationUnavailable(Duration retryAfter) implements Refusal {}

  record TokenServiceUnavailable(IssueResult.Cause cause, Duration retryAfter) implements Refusal {}

  record TokenServiceFault(IssueResult.Category category) implements Refusal {}

  /** The record could not be written, so what it would have recorded is not released. */
  record NotRecorded() implements Refusal {}

  /** A fault of ours. */
  record Internal() implements Refusal {}
}

package tokenvending.budget;

import java.time.Duration;
import tokenvending.issuing.IssueResult;

/** The result of waiting for a permit. */
public sealed interface AcquireResult {
  /** One call may be made, at once. */
  record Acquired(Permit permit) implements AcquireResult {}

  /** No call may be made; another request after {@code retryAfter} makes sense. */
  record Rejected(IssueResult.Cause cause, Duration retryAfter) implements AcquireResult {}
}

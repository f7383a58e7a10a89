package tokenvending.budget;

import java.time.Duration;
import tokenvending.issuing.IssueResult;

/** The result of waiting for a permit. */
public sealed interface AcquireResult {
  /** One call can be made now. */
  record Acquired(Permit permit) implements AcquireResult {}

  /** No call can be made; a request after {@code retryAfter} can succeed. */
  record Rejected(IssueResult.Cause cause, Duration retryAfter) implements AcquireResult {}
}

package tokenvending.issuing;

import java.time.Duration;

/** The result of issuing a token. */
public sealed interface IssueResult {
  /**
   * A token was issued.
   *
   * @param reused whether it was vended before
   */
  record Issued(VendedToken token, boolean reused) implements IssueResult {
    /** A newly minted token. */
    public Issued(VendedToken token) {
      this(token, false);
    }
  }

  /** Temporary failure: a request after {@code retryAfter} can succeed. */
  record Unavailable(Cause cause, Duration retryAfter) implements IssueResult {}

  /** Permanent failure: an operator must change something. */
  record UpstreamFault(Category category) implements IssueResult {}

  /** The cause of a temporary failure. */
  enum Cause {
    /** Momento's limit on token operations (gRPC {@code RESOURCE_EXHAUSTED}). */
    UPSTREAM_RATE_LIMITED,
    /** The service cannot be reached (gRPC {@code UNAVAILABLE}). */
    UPSTREAM_UNAVAILABLE,
    /** No answer within the deadline (gRPC {@code DEADLINE_EXCEEDED}). */
    UPSTREAM_TIMED_OUT,
    /** The circuit breaker is open. */
    CIRCUIT_OPEN,
    /** The budget is exhausted, and the queue is longer than the longest wait. */
    BUDGET_EXHAUSTED,
    /** The shared state is unavailable, and so is the budget. */
    STATE_UNAVAILABLE,
    /** The caller's session ended while they waited. */
    CREDENTIAL_EXPIRED,
    /** The caller disconnected. */
    CALLER_DISCONNECTED,
    /** No usable API key is available yet. */
    NO_API_KEY
  }

  /** The kind of a permanent failure. */
  enum Category {
    /** The key is unknown, expired or revoked (gRPC {@code UNAUTHENTICATED}). */
    API_KEY_REJECTED,
    /** The key must not mint this token (gRPC {@code PERMISSION_DENIED}). */
    API_KEY_NOT_PERMITTED,
    /** The service rejects our request (gRPC {@code INVALID_ARGUMENT}). */
    REQUEST_REJECTED,
    /**
     * The response is invalid: no token, no endpoint, a lifetime longer than granted, or already
     * expired.
     */
    INVALID_RESPONSE,
    /** Any other status. */
    UNEXPECTED_STATUS
  }
}

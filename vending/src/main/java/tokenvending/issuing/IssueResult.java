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
    UPSTREAM_LIMIT,
    /** The service cannot be reached (gRPC {@code UNAVAILABLE}). */
    UPSTREAM_UNREACHABLE,
    /** No answer within the deadline (gRPC {@code DEADLINE_EXCEEDED}). */
    UPSTREAM_TOO_SLOW,
    /** The circuit breaker is open. */
    UPSTREAM_LEFT_ALONE,
    /** The budget is exhausted, and the queue is longer than the longest wait. */
    BUDGET_USED_UP,
    /** The shared state is unavailable, and so is the budget. */
    STATE_AWAY,
    /** The caller's session ended while they waited. */
    SESSION_OVER,
    /** The caller disconnected. */
    CALLER_GONE,
    /** No usable API key is available yet. */
    NO_API_KEY
  }

  /** The kind of a permanent failure. */
  enum Category {
    /** The key is unknown, expired or revoked (gRPC {@code UNAUTHENTICATED}). */
    KEY_REFUSED,
    /** The key must not mint this token (gRPC {@code PERMISSION_DENIED}). */
    KEY_NOT_ALLOWED,
    /** The service rejects our request (gRPC {@code INVALID_ARGUMENT}). */
    REQUEST_REFUSED,
    /**
     * The response is invalid: no token, no endpoint, a lifetime longer than granted, or already
     * expired.
     */
    NONSENSE_ANSWER,
    /** Any other status. */
    UNEXPECTED_STATUS
  }
}

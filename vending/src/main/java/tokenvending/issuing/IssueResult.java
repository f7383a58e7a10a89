package tokenvending.issuing;

import java.time.Duration;

/** How an attempt to obtain a token ended. */
public sealed interface IssueResult {
  /**
   * A token.
   *
   * @param reused whether it had been handed out before
   */
  record Issued(VendedToken token, boolean reused) implements IssueResult {
    /** A token that was minted just now. */
    public Issued(VendedToken token) {
      this(token, false);
    }
  }

  /** Not now; another request after {@code retryAfter} can succeed. */
  record Unavailable(Cause cause, Duration retryAfter) implements IssueResult {}

  /** No request succeeds until an operator changes something. */
  record UpstreamFault(Category category) implements IssueResult {}

  /** Why a token cannot be had now. */
  enum Cause {
    /** Momento's limit on token operations (gRPC {@code RESOURCE_EXHAUSTED}). */
    UPSTREAM_LIMIT,
    /** The service cannot be reached (gRPC {@code UNAVAILABLE}). */
    UPSTREAM_UNREACHABLE,
    /** No answer within the deadline (gRPC {@code DEADLINE_EXCEEDED}). */
    UPSTREAM_TOO_SLOW,
    /** The service failed so often that the circuit is open. */
    UPSTREAM_LEFT_ALONE,
    /** The account's budget is used up, and the queue is too long to wait. */
    BUDGET_USED_UP,
    /** The shared state is unavailable, and with it the budget. */
    STATE_AWAY,
    /** The caller's session ended while they waited. */
    SESSION_OVER,
    /** The caller has gone away. */
    CALLER_GONE,
    /** No usable API key yet. */
    NO_API_KEY
  }

  /** What is wrong with the upstream, our key, or our request. */
  enum Category {
    /** The key is unknown, expired or revoked (gRPC {@code UNAUTHENTICATED}). */
    KEY_REFUSED,
    /** The key may not mint this token (gRPC {@code PERMISSION_DENIED}). */
    KEY_NOT_ALLOWED,
    /** The service rejects our request (gRPC {@code INVALID_ARGUMENT}). */
    REQUEST_REFUSED,
    /**
     * The answer cannot be right: no token, no endpoint, a life longer than granted, or already
     * over.
     */
    NONSENSE_ANSWER,
    /** Any other status. */
    UNEXPECTED_STATUS
  }
}

package tokenvending.budget;

import java.time.Duration;
import tokenvending.issuing.IssueResult;

/** What came of waiting for the right to make a call. */
public sealed interface Turn {
  /** One call may be made, at once. */
  record Granted(Call call) implements Turn {}

  /** No call may be made. */
  record NotNow(IssueResult.Cause cause, Duration retryAfter) implements Turn {}

  /** The right to one call, given back by {@link #ended} or {@link #unused}, once. */
  interface Call {
    /**
     * Whether the call may still be made. Asked just before: where the process stood still in
     * between, somebody else may have the slot by now.
     */
    boolean holds();

    /** The call was made, and ended like this. */
    void ended(Ending ending);

    /** The call was not made. */
    void unused();
  }

  /** How a call ended. */
  enum Ending {
    /** With a token. */
    ANSWERED,
    /** With a refusal of the key, or of what it may do: the service works. */
    KEY_REFUSED,
    /** With a refusal of this very request: the service works. */
    REQUEST_REFUSED,
    /** With a refusal because the account's limit was reached. */
    OVER_LIMIT,
    /** Without a connection. */
    UNREACHABLE,
    /** Without an answer in time. */
    TOO_SLOW,
    /** With an answer that says that the service is broken, or is no token. */
    FAILED,
    /** Whoever wanted it went away. */
    ABANDONED
  }
}

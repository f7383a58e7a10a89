package tokenvending.observation;

/** How a call to the token service ended. */
public enum CallOutcome {
  /** A token was returned. */
  ANSWERED,
  /** The key was rejected, or lacks a permission: the service works. */
  KEY_REFUSED,
  /** This request was rejected: the service works. */
  REQUEST_REFUSED,
  /** The call was rejected because the account's limit was reached. */
  OVER_LIMIT,
  /** The connection failed or broke. */
  UNREACHABLE,
  /** No response arrived in time. */
  TOO_SLOW,
  /** The response reports a failure of the service, or is not a token. */
  FAILED,
  /** The caller disconnected. */
  ABANDONED
}

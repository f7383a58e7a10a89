package tokenvending.observation;

/** How a call to the token service ended. */
public enum CallOutcome {
  /** A token was returned. */
  SUCCEEDED,
  /** The key was rejected, or lacks a permission: the service works. */
  API_KEY_REJECTED,
  /** This request was rejected: the service works. */
  REQUEST_REJECTED,
  /** The call was rejected because the account's limit was reached. */
  RATE_LIMITED,
  /** The connection failed or broke. */
  UNAVAILABLE,
  /** No response arrived in time. */
  TIMED_OUT,
  /** The response reports a failure of the service, or is not a token. */
  FAILED,
  /** The caller disconnected, or this process was suspended during the call. */
  CANCELED
}

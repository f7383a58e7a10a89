package tokenvending.observation;

/** How a call to the token service ended. */
public enum CallOutcome {
  /** With a token. */
  ANSWERED,
  /** With a refusal of the key, or of what it may do: the service works. */
  KEY_REFUSED,
  /** With a refusal of this very request: the service works. */
  REQUEST_REFUSED,
  /** With a refusal because the account's limit was reached. */
  OVER_LIMIT,
  /** Without a connection, or with one that broke. */
  UNREACHABLE,
  /** Without an answer in time. */
  TOO_SLOW,
  /** With an answer that says that the service is broken, or is no token. */
  FAILED,
  /** The caller went away. */
  ABANDONED
}

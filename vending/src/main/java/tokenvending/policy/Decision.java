package tokenvending.policy;

/** The policy's decision about a caller and a request. */
public sealed interface Decision {
  record Granted(Grant grant) implements Decision {}

  /**
   * Denied.
   *
   * @param rule the rule that matched, or an empty string if none did; for the audit log only
   */
  record Denied(String rule, Reason reason) implements Decision {}

  /** The reason of a denial; for the audit log, never for the caller. */
  enum Reason {
    NO_RULE_MATCHES,
    /** An entry of {@code deny} matches. */
    DENIED,
    /** An operator has blocked the caller. */
    BLOCKED,
    /** No rule matches, and one requires a claim that the credential does not have. */
    CLAIM_ABSENT,
    /** No rule matches, and one requires a claim that is neither a string nor a list of strings. */
    CLAIM_NOT_STRINGS,
    MORE_THAN_GRANTED,
    LONGER_THAN_GRANTED,
    CREDENTIAL_EXPIRED,
    VALUE_MISSING,
    /** A claim used in a template is a list or an object. */
    VALUE_NOT_TEXT,
    VALUE_EMPTY,
    VALUE_TOO_LONG,
    VALUE_UNPRINTABLE,
    VALUE_HOLDS_DELIMITER,
    SAME_SELECTOR_TWICE
  }
}

package tokenvending.policy;

/** What a policy says to a caller and a request. */
public sealed interface Decision {
  record Granted(Grant grant) implements Decision {}

  /**
   * No.
   *
   * @param rule the rule that matched, or an empty string when none did; for records only
   */
  record Denied(String rule, Reason reason) implements Decision {}

  /** Why not; for records, never for the caller. */
  enum Reason {
    NO_RULE_MATCHES,
    /** No rule matches; one would need a claim that the caller's credential does not have. */
    CLAIM_ABSENT,
    /** No rule matches; one would need a claim that is neither a text nor a list of strings. */
    CLAIM_NOT_STRINGS,
    MORE_THAN_GRANTED,
    LONGER_THAN_GRANTED,
    SESSION_OVER,
    VALUE_MISSING,
    /** A template holds a claim that is a list or an object. */
    VALUE_NOT_TEXT,
    VALUE_EMPTY,
    VALUE_TOO_LONG,
    VALUE_UNPRINTABLE,
    VALUE_HOLDS_DELIMITER,
    SAME_SELECTOR_TWICE
  }
}

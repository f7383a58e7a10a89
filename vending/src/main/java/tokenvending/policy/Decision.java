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
    MORE_THAN_GRANTED,
    LONGER_THAN_GRANTED,
    SESSION_OVER,
    VALUE_MISSING,
    VALUE_EMPTY,
    VALUE_TOO_LONG,
    VALUE_UNPRINTABLE,
    VALUE_HOLDS_DELIMITER,
    SAME_SELECTOR_TWICE
  }
}

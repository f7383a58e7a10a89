package tokenvending.server.cli;

import java.util.Locale;

/** Describes the reasons of audit events in sentences. */
final class AuditReasons {
  private AuditReasons() {}

  /** Returns the meaning of a reason; an unknown one unchanged. */
  static String sentence(String outcome, String reason) {
    return switch (reason) {
      case "NO_RULE_MATCHES" -> "no rule of the policy matches the caller";
      case "MORE_THAN_GRANTED" -> "the request asks for more permissions than the rule grants";
      case "LONGER_THAN_GRANTED" -> "the request asks for a longer life than the rule grants";
      case "SESSION_OVER" -> "the caller's own credential has ended";
      case "VALUE_MISSING" -> "a value that the rule inserts is missing";
      case "VALUE_EMPTY" -> "a value that the rule inserts is empty";
      case "VALUE_TOO_LONG" -> "a value that the rule inserts is longer than 255 characters";
      case "VALUE_UNPRINTABLE" -> "a value that the rule inserts holds control characters";
      case "VALUE_HOLDS_DELIMITER" -> "a value that the rule inserts holds its delimiter";
      case "SAME_SELECTOR_TWICE" -> "two permissions of the rule select the same resource";
      case "NO_CREDENTIAL" -> "the request has no credential";
      case "UNREADABLE_CREDENTIAL" -> "the credential cannot be read";
      case "NO_WAY_IN_FOR_CREDENTIAL" -> "no authentication method accepts this credential";
      case "WRONG_PASSWORD" -> "the user is unknown or the password is wrong";
      case "MALFORMED_TOKEN" -> "the JWT is malformed";
      case "UNACCEPTABLE_ALGORITHM" -> "the algorithm of the JWT is not accepted";
      case "UNKNOWN_KEY" -> "the issuer has no key with the key id of the JWT";
      case "BAD_SIGNATURE" -> "the signature of the JWT is wrong";
      case "WRONG_AUDIENCE" -> "the JWT is for another audience";
      case "WRONG_TOKEN_USE" -> "the JWT is for another use";
      case "EXPIRED" -> "the JWT has expired";
      case "NOT_YET_VALID" -> "the JWT is not valid yet";
      case "MISSING_CLAIM" -> "the JWT lacks a claim that is required";
      case "PER_CALLER" -> "the caller is over its rate limit";
      case "PER_ADDRESS" -> "the client's address is over its rate limit";
      case "GUESSING_TOO_FAST" -> "too many wrong passwords";
      case "AUTHENTICATION_UNAVAILABLE" -> "the issuer's keys or the users cannot be read";
      case "UPSTREAM_LIMIT" -> "Momento's rate limit was reached";
      case "UPSTREAM_UNREACHABLE" -> "Momento cannot be reached";
      case "UPSTREAM_TOO_SLOW" -> "Momento did not answer in time";
      case "UPSTREAM_LEFT_ALONE" -> "the circuit breaker was open";
      case "BUDGET_USED_UP" -> "the rate budget was used up";
      case "STATE_AWAY" -> "the shared state was unavailable";
      case "CALLER_GONE" -> "the client closed the connection";
      case "NO_API_KEY" -> "there was no usable Momento API key";
      case "KEY_REFUSED" -> "Momento refused the API key";
      case "KEY_NOT_ALLOWED" -> "the API key may not mint this token";
      case "REQUEST_REFUSED" -> "Momento refused the permissions";
      case "NONSENSE_ANSWER" -> "Momento's answer was invalid";
      case "NOT_RECORDED" ->
          "the audit log could not be written in time; a token, if one was minted, was dropped";
      default ->
          outcome.equals("left-out")
              ? reason + " other events have no line of their own"
              : reason.toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }
}

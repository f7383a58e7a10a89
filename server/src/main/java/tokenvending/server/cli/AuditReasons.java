package tokenvending.server.cli;

import java.util.Locale;

/** Describes the reasons of audit events in sentences. */
final class AuditReasons {
  private AuditReasons() {}

  /** Returns the meaning of a reason; an unknown one unchanged. */
  static String sentence(String outcome, String reason) {
    return switch (reason) {
      case "DENIED" -> "an entry under deny matches the caller";
      case "BLOCKED" -> "an operator has blocked the caller";
      case "NO_RULE_MATCHES" -> "no rule of the policy matches the caller";
      case "MORE_THAN_GRANTED" -> "the request has more permissions than the rule grants";
      case "LONGER_THAN_GRANTED" -> "the request has a longer lifetime than the rule grants";
      case "CREDENTIAL_EXPIRED" -> "the caller's credential has expired";
      case "VALUE_MISSING" -> "a value that the rule inserts is missing";
      case "VALUE_EMPTY" -> "a value that the rule inserts is empty";
      case "VALUE_TOO_LONG" -> "a value that the rule inserts is longer than 255 characters";
      case "VALUE_UNPRINTABLE" -> "a value that the rule inserts contains control characters";
      case "VALUE_HOLDS_DELIMITER" -> "a value that the rule inserts contains its delimiter";
      case "SAME_SELECTOR_TWICE" -> "two permissions of the rule select the same resource";
      case "NO_CREDENTIAL" -> "the request has no credential";
      case "MALFORMED_CREDENTIAL" -> "the credential cannot be read";
      case "NO_AUTHENTICATION_METHOD" -> "no authentication method accepts this credential";
      case "WRONG_PASSWORD" -> "the user is unknown or the password is wrong";
      case "MALFORMED_TOKEN" -> "the JWT is malformed";
      case "ALGORITHM_NOT_ALLOWED" -> "the algorithm of the JWT is not accepted";
      case "UNKNOWN_KEY" -> "the issuer has no key with the key id of the JWT";
      case "BAD_SIGNATURE" -> "the signature of the JWT is wrong";
      case "WRONG_AUDIENCE" -> "the JWT is for another audience";
      case "WRONG_TOKEN_USE" -> "the JWT is for another use";
      case "EXPIRED" -> "the JWT has expired";
      case "NOT_YET_VALID" -> "the JWT is not valid yet";
      case "MISSING_CLAIM" -> "the JWT lacks a claim that is required";
      case "CALLER_LIMIT" -> "the caller is over its rate limit";
      case "ADDRESS_LIMIT" -> "the client's address is over its rate limit";
      case "LOGIN_THROTTLED" -> "too many wrong passwords";
      case "AUTHENTICATION_UNAVAILABLE" -> "the issuer's keys or the users cannot be read";
      case "UPSTREAM_RATE_LIMITED" -> "Momento's rate limit was reached";
      case "UPSTREAM_UNAVAILABLE" -> "Momento cannot be reached";
      case "UPSTREAM_TIMED_OUT" -> "Momento did not answer in time";
      case "CIRCUIT_OPEN" -> "the circuit breaker was open";
      case "BUDGET_EXHAUSTED" -> "the rate budget was exhausted";
      case "STATE_UNAVAILABLE" -> "the shared state was unavailable";
      case "CALLER_DISCONNECTED" -> "the client closed the connection";
      case "NO_API_KEY" -> "there was no usable Momento API key";
      case "API_KEY_REJECTED" -> "Momento rejected the API key";
      case "API_KEY_NOT_PERMITTED" -> "the API key has no permission to mint this token";
      case "REQUEST_REJECTED" -> "Momento rejected the permissions";
      case "INVALID_RESPONSE" -> "Momento's response was invalid";
      case "NOT_AUDITED" ->
          "the audit log could not be written in time; a token, if one was minted, was dropped";
      default ->
          outcome.equals("left-out")
              ? reason + " other events have no line"
              : reason.toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }
}

package tokenvending.server;

import java.util.Set;

/**
 * Everything that is ever said in a refusal, T17. Whatever is read from a server in these tests is
 * held against it, whichever test it was that asked.
 */
final class ErrorBodies {
  private static final String HOST_NOT_ALLOWED =
      "This host name is not allowed. The operator can add it to server.allowed-hosts.";

  /** But for the request id. */
  static final Set<String> ALL =
      Set.of(
          document(
              400,
              "malformed-request",
              "Malformed request",
              "The request is malformed. Check its parameters and its body."),
          document(405, "malformed-request", "Malformed request", "Use GET or POST."),
          document(
              408,
              "malformed-request",
              "Malformed request",
              "The request took too long to arrive."),
          document(413, "malformed-request", "Malformed request", "The request body is too large."),
          document(
              415,
              "malformed-request",
              "Malformed request",
              "Send parameters as application/json."),
          document(
              431,
              "malformed-request",
              "Malformed request",
              "The request line or the headers are too large."),
          document(401, "unauthenticated", "Not authenticated", "A valid credential is required."),
          document(
              403, "not-permitted", "Not permitted", "The policy does not allow this request."),
          document(403, "host-not-allowed", "Host not allowed", HOST_NOT_ALLOWED),
          document(421, "host-not-allowed", "Host not allowed", HOST_NOT_ALLOWED),
          document(404, "not-found", "Not found", "There is no resource at this path."),
          document(
              429,
              "throttled",
              "Too many requests",
              "The rate limit is exceeded. Retry after the time in Retry-After."),
          document(
              503,
              "temporarily-unavailable",
              "Temporarily unavailable",
              "No token is available now. Retry after the time in Retry-After."),
          document(
              502,
              "upstream-fault",
              "Upstream fault",
              "The token service returned an error or an invalid response."),
          document(500, "internal", "Internal error", "An internal error occurred."));

  private static final Set<String> AT_THE_DOOR =
      Set.of(
          "Origin not allowed: add it with --allow-origin.\n",
          "Host not allowed: add it with --allow-host.\n");

  private ErrorBodies() {}

  /** Those of the token exchange that need a server; TokenExchangeTest has the others. */
  private static final Set<String> OF_AN_EXCHANGE =
      Set.of(
          exchange("invalid_request", "The subject token is not valid."),
          exchange("temporarily_unavailable", "Retry after the time in Retry-After."),
          exchange("server_error", "The token service returned an error."));

  private static String exchange(String error, String description) {
    return "{\"error\":\"%s\",\"error_description\":\"%s\"}".formatted(error, description);
  }

  /**
   * Looks at an answer of any server of ours.
   *
   * @throws AssertionError where it refuses in words that are not on the list
   */
  static Answer checked(Answer answer) {
    if (answer.status() < 400 || answer.body().isEmpty()) {
      return answer;
    }
    boolean known =
        switch (answer.header("content-type")) {
          case "application/problem+json" ->
              ALL.contains(constant(answer.body())) || isOfLocalUse(answer.body());
          case "text/plain" -> answer.body().equals("not ready\n");
          // In local use, before there is a request to answer.
          case "text/plain; charset=utf-8" -> AT_THE_DOOR.contains(answer.body());
          // What operators ask on the management port, and pages for people.
          case "application/json", "text/html; charset=utf-8" ->
              answer.status() == 503 || OF_AN_EXCHANGE.contains(answer.body());
          default -> false;
        };
    if (!known) {
      throw new AssertionError("a refusal in other words: " + answer);
    }
    return answer;
  }

  /** With a detail for the author of the file; LocalReasonTest shows that it is in no other use. */
  private static boolean isOfLocalUse(String body) {
    int detail = body.indexOf("\"detail\":\"") + "\"detail\":\"".length();
    return (body.startsWith("Denied: ", detail) || body.startsWith("Malformed: ", detail))
        && ALL.stream().anyMatch(known -> known.startsWith(body.substring(0, detail)));
  }

  /** A document without its request id. */
  static String constant(String body) {
    return body.replaceFirst(",\"instance\":\"[0-9a-f]{32}\"", "");
  }

  private static String document(int status, String type, String title, String detail) {
    return "{\"type\":\"urn:problem-type:tokenvending:%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}"
        .formatted(type, title, status, detail);
  }
}

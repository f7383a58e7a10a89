package tokenvending.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tokenvending.issuing.IssueResult;
import tokenvending.text.JsonObject;
import tokenvending.vending.Refusal;

/** Creates problem documents (RFC 9457) for rejections. */
final class ProblemResponses {
  private final RandomGenerator random;

  ProblemResponses(RandomGenerator random) {
    this.random = random;
  }

  /** Maps a rejection to its status. */
  ApiResponse refused(Refusal refusal, String requestId) {
    return switch (refusal) {
      case Refusal.Malformed(var reason) -> problem(Problem.MALFORMED, requestId, List.of());
      case Refusal.Unauthenticated(var reason, List<String> challenges) ->
          problem(Problem.UNAUTHENTICATED, requestId, challenges(challenges));
      case Refusal.NotPermitted(var rule, var reason) ->
          problem(Problem.NOT_PERMITTED, requestId, List.of());
      case Refusal.Denied(var reason, var note) ->
          problem(Problem.NOT_PERMITTED, requestId, List.of());
      case Refusal.LoginThrottled(Duration wait) ->
          problem(Problem.THROTTLED, requestId, retryAfter(wait));
      case Refusal.Throttled(var scope, Duration wait) ->
          problem(Problem.THROTTLED, requestId, retryAfter(wait));
      case Refusal.AuthenticationUnavailable(Duration wait) -> unavailable(requestId, wait);
      case Refusal.TokenServiceUnavailable(var cause, Duration wait) ->
          cause == IssueResult.Cause.BUDGET_EXHAUSTED
              // The budget queue has spread this time, and keeps the caller's position until then.
              ? problem(Problem.UNAVAILABLE, requestId, retryAfter(wait))
              : unavailable(requestId, wait);
      case Refusal.NotAudited() -> unavailable(requestId, Duration.ofSeconds(2));
      case Refusal.TokenServiceFault(var category) ->
          problem(Problem.UPSTREAM_FAULT, requestId, List.of());
      case Refusal.Internal() -> problem(Problem.INTERNAL, requestId, List.of());
    };
  }

  ApiResponse problem(Problem problem, String requestId, List<Field> headers) {
    return problem(problem, problem.detail(), requestId, headers);
  }

  /** Returns a problem with its own detail, which is allowed only in local use. */
  ApiResponse problem(Problem problem, String detail, String requestId, List<Field> headers) {
    List<Field> all = new ArrayList<>();
    all.add(new Field("content-type", "application/problem+json"));
    all.addAll(headers);
    byte[] body =
        new JsonObject()
            .text("type", problem.type())
            .text("title", problem.title())
            .number("status", problem.status())
            .text("detail", detail)
            .text("instance", requestId)
            .utf8();
    return new ApiResponse(problem.status(), all, Body.of(body));
  }

  ApiResponse unavailable(String requestId, Duration wait) {
    long seconds = seconds(wait);
    // Spread at random, so that callers that were rejected together do not return together.
    return problem(
        Problem.UNAVAILABLE, requestId, retryAfter(seconds + random.nextLong(seconds + 1)));
  }

  /**
   * Returns a Retry-After header (RFC 9110 §10.2.3): whole seconds, at least one, so that clients
   * do not loop.
   */
  static List<Field> retryAfter(Duration wait) {
    return retryAfter(seconds(wait));
  }

  private static List<Field> retryAfter(long seconds) {
    return List.of(new Field("retry-after", Long.toString(seconds)));
  }

  private static long seconds(Duration wait) {
    return Math.max(1, wait.plusMillis(999).toSeconds());
  }

  private static List<Field> challenges(List<String> challenges) {
    List<Field> fields = new ArrayList<>();
    for (String challenge : challenges) {
      fields.add(new Field("www-authenticate", challenge));
    }
    return fields;
  }
}

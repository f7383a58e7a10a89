package tokenvending.infrastructure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.services.apigateway.GatewayResponseOptions;
import software.amazon.awscdk.services.apigateway.ResponseType;
import software.amazon.awscdk.services.apigateway.RestApi;
import tokenvending.api.Problem;
import tokenvending.configuration.CorsSettings;

/**
 * API Gateway's own error responses, as problem documents. Their headers are constants: they name
 * the only allowed origin, or {@code *} if several are allowed. The latter is safe, because these
 * responses contain no token.
 */
final class GatewayResponses {
  /** The {@code Retry-After} of a throttled request or a failed function, in seconds. */
  private static final String RETRY_AFTER = "2";

  /** The window of the WAF rule, in seconds. */
  private static final String RETRY_AFTER_WAF = "60";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RestApi api;
  private final CorsSettings cors;

  private GatewayResponses(RestApi api, CorsSettings cors) {
    this.api = api;
    this.cors = cors;
  }

  /**
   * Sets all responses.
   *
   * @param challenge the challenge of a 401
   * @param authorizer whether a policy that denies is our authorizer's
   * @param limited whether requests blocked by WAF exceeded our rate; otherwise another ACL blocked
   *     them
   */
  static void on(
      RestApi api, CorsSettings cors, String challenge, boolean authorizer, boolean limited) {
    GatewayResponses responses = new GatewayResponses(api, cors);
    Map<String, String> comeBack = Map.of("Retry-After", RETRY_AFTER);
    Map<String, String> none = Map.of();
    Map<String, String> challenged = Map.of("WWW-Authenticate", challenge);
    responses.set("Unauthorized", ResponseType.UNAUTHORIZED, Problem.UNAUTHENTICATED, challenged);
    responses.set("ExpiredToken", ResponseType.EXPIRED_TOKEN, Problem.UNAUTHENTICATED, challenged);
    responses.set(
        "AccessDenied",
        ResponseType.ACCESS_DENIED,
        authorizer ? Problem.UNAUTHENTICATED : Problem.NOT_PERMITTED,
        authorizer ? challenged : none);
    responses.set(
        "WafFiltered",
        ResponseType.WAF_FILTERED,
        limited ? Problem.THROTTLED : Problem.NOT_PERMITTED,
        limited ? Map.of("Retry-After", RETRY_AFTER_WAF) : none);
    responses.set("Throttled", ResponseType.THROTTLED, Problem.THROTTLED, comeBack);
    responses.set("QuotaExceeded", ResponseType.QUOTA_EXCEEDED, Problem.THROTTLED, comeBack);
    // Used for an unknown path or method; the gateway uses the other type if a header looks like an
    // AWS signature.
    responses.set("NoRoute", ResponseType.MISSING_AUTHENTICATION_TOKEN, Problem.NOT_FOUND, none);
    responses.set("NoSignature", ResponseType.INVALID_SIGNATURE, Problem.NOT_FOUND, none);
    responses.set("NoResource", ResponseType.RESOURCE_NOT_FOUND, Problem.NOT_FOUND, none);
    responses.set("TooLarge", ResponseType.REQUEST_TOO_LARGE, Problem.TOO_LARGE, none);
    responses.set(
        "MediaType", ResponseType.UNSUPPORTED_MEDIA_TYPE, Problem.UNSUPPORTED_MEDIA_TYPE, none);
    responses.set(
        "AuthorizerFailure", ResponseType.AUTHORIZER_FAILURE, Problem.UNAVAILABLE, comeBack);
    responses.set(
        "FunctionTimeout", ResponseType.INTEGRATION_TIMEOUT, Problem.UNAVAILABLE, comeBack);
    responses.set(
        "FunctionFailure", ResponseType.INTEGRATION_FAILURE, Problem.UNAVAILABLE, comeBack);
    responses.set("Default4xx", ResponseType.DEFAULT_4_XX, Problem.MALFORMED, none);
    responses.set("Default5xx", ResponseType.DEFAULT_5_XX, Problem.INTERNAL, none);
  }

  private void set(String id, ResponseType type, Problem problem, Map<String, String> more) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", constant("application/problem+json"));
    headers.put("Cache-Control", constant("no-store"));
    headers.put("X-Content-Type-Options", constant("nosniff"));
    headers.put("X-Request-Id", "context.requestId");
    allowedOrigin(cors)
        .ifPresent(
            origin -> {
              headers.put("Access-Control-Allow-Origin", constant(origin));
              headers.put(
                  "Access-Control-Expose-Headers",
                  constant("Retry-After, WWW-Authenticate, X-Request-Id"));
            });
    more.forEach((name, value) -> headers.put(name, constant(value)));
    api.addGatewayResponse(
        id,
        GatewayResponseOptions.builder()
            .type(type)
            .statusCode(Integer.toString(problem.status()))
            .responseHeaders(headers)
            // The only key that is supported; the header above sets the type.
            .templates(Map.of("application/json", document(problem)))
            .build());
  }

  /** Returns the origin for responses that cannot depend on the request. */
  static Optional<String> allowedOrigin(CorsSettings cors) {
    return switch (cors) {
      case CorsSettings.AnyOrigin any -> Optional.of("*");
      case CorsSettings.Only(var origins) ->
          origins.size() > 1 || origins.stream().anyMatch(origin -> origin.contains("*"))
              ? Optional.of("*")
              : origins.stream().findFirst();
    };
  }

  private static String constant(String value) {
    return "'" + value + "'";
  }

  private static String document(Problem problem) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("type", problem.type());
    document.put("title", problem.title());
    document.put("status", problem.status());
    document.put("detail", problem.detail());
    document.put("instance", "$context.requestId");
    try {
      return JSON.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new AssertionError("texts and a number can be written", e);
    }
  }
}

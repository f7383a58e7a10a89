package tokenvending.api;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import tokenvending.text.JsonObject;

/**
 * The routes of the management port: health, metrics, and readiness with its reason. Browser pages
 * of other origins cannot read the responses.
 */
public final class ManagementApi implements Routes {
  /** The text format that every version of Prometheus reads. */
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Supplier<Optional<String>> notReadyReason;
  private final Supplier<Map<String, String>> failedReloads;
  private final Supplier<Body> metrics;
  private final ProblemResponses answers;
  private final RandomGenerator random;

  /**
   * Creates the routes of one machine.
   *
   * @param notReadyReason a sentence about why no token can be vended now; empty if one can
   * @param failedReloads the inputs whose latest reload failed, each with its cause; they do not
   *     affect readiness
   * @param metrics in Prometheus's text format 0.0.4
   * @param random creates request ids
   */
  public ManagementApi(
      Supplier<Optional<String>> notReadyReason,
      Supplier<Map<String, String>> failedReloads,
      Supplier<Body> metrics,
      RandomGenerator random) {
    this.notReadyReason = notReadyReason;
    this.failedReloads = failedReloads;
    this.metrics = metrics;
    this.answers = new ProblemResponses(random);
    this.random = random;
  }

  @Override
  public ApiResponse handle(ApiRequest request) {
    return switch (request.path()) {
      case "/healthz" -> get(request, ManagementApi::healthy);
      case "/metrics" -> get(request, this::metrics);
      case "/readyz" -> get(request, this::readiness);
      default -> refuse(request, Problem.NOT_FOUND);
    };
  }

  private ApiResponse get(ApiRequest request, Supplier<ApiResponse> answer) {
    return Api.PROBE_METHODS.contains(request.method())
        ? common(answer.get(), ApiRequest.newId(random))
        : refuse(request, Problem.METHOD_NOT_ALLOWED);
  }

  @Override
  public ApiResponse refuse(ApiRequest request, Problem problem) {
    String requestId = ApiRequest.newId(random);
    List<Field> allow =
        problem == Problem.METHOD_NOT_ALLOWED
            ? List.of(new Field("allow", "GET, HEAD"))
            : List.of();
    return common(answers.problem(problem, requestId, allow), requestId);
  }

  private static ApiResponse healthy() {
    return new ApiResponse(
        200, List.of(new Field("content-type", "text/plain")), Body.of("ok\n".getBytes(US_ASCII)));
  }

  private ApiResponse metrics() {
    return new ApiResponse(200, List.of(new Field("content-type", PROMETHEUS)), metrics.get());
  }

  private ApiResponse readiness() {
    Optional<String> why = notReadyReason.get();
    Map<String, String> failed = failedReloads.get();
    JsonObject json = new JsonObject().flag("ready", why.isEmpty()).text("waitingFor", why);
    if (!failed.isEmpty()) {
      JsonObject causes = new JsonObject();
      failed.forEach(causes::text);
      json.object("failedReloads", causes);
    }
    return ApiResponse.json(why.isEmpty() ? 200 : 503, json);
  }

  private static ApiResponse common(ApiResponse answer, String requestId) {
    List<Field> headers = new ArrayList<>();
    headers.add(new Field("cache-control", "no-store"));
    headers.add(new Field("x-content-type-options", "nosniff"));
    headers.add(new Field("x-request-id", requestId));
    return answer.with(headers);
  }
}

package tokenvending.api;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The routes of the management port: health, and readiness with its reason, which is for operators
 * only. Pages of other origins get nothing to read.
 */
public final class ManagementApi implements Routes {
  private final Supplier<Optional<String>> obstacle;
  private final Json json = new Json();
  private final Answers answers;
  private final RandomGenerator random;

  /**
   * Routes over one machine.
   *
   * @param obstacle why no token could be vended now, in a sentence; empty when one could
   * @param random makes request ids
   */
  public ManagementApi(Supplier<Optional<String>> obstacle, RandomGenerator random) {
    this.obstacle = obstacle;
    this.answers = new Answers(json, random);
    this.random = random;
  }

  @Override
  public ApiResponse handle(ApiRequest request) {
    String requestId = requestId();
    boolean known = request.path().equals("/healthz") || request.path().equals("/readyz");
    if (!known) {
      return common(answers.problem(Problem.NOT_FOUND, requestId, List.of()), requestId);
    }
    if (!request.method().equals("GET")) {
      return refuse(request, Problem.METHOD_NOT_ALLOWED);
    }
    return common(request.path().equals("/healthz") ? healthy() : readiness(), requestId);
  }

  @Override
  public ApiResponse refuse(ApiRequest request, Problem problem) {
    String requestId = requestId();
    List<Field> allow =
        problem == Problem.METHOD_NOT_ALLOWED ? List.of(new Field("allow", "GET")) : List.of();
    return common(answers.problem(problem, requestId, allow), requestId);
  }

  private static ApiResponse healthy() {
    return new ApiResponse(
        200, List.of(new Field("content-type", "text/plain")), Body.of("ok\n".getBytes(US_ASCII)));
  }

  private ApiResponse readiness() {
    Optional<String> why = obstacle.get();
    Body body =
        json.object(
            out -> {
              out.writeBooleanField("ready", why.isEmpty());
              if (why.isPresent()) {
                out.writeStringField("waitingFor", why.get());
              }
            });
    return new ApiResponse(
        why.isEmpty() ? 200 : 503, List.of(new Field("content-type", "application/json")), body);
  }

  private static ApiResponse common(ApiResponse answer, String requestId) {
    List<Field> headers = new ArrayList<>();
    headers.add(new Field("cache-control", "no-store"));
    headers.add(new Field("x-content-type-options", "nosniff"));
    headers.add(new Field("x-request-id", requestId));
    return answer.with(headers);
  }

  private String requestId() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}

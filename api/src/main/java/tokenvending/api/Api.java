package tokenvending.api;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import tokenvending.audit.UnreadRequests;
import tokenvending.identity.Attempt;

/**
 * All routes. Immutable: a changed file makes a new one. {@link #handle} may block, so it wants a
 * virtual thread.
 */
public final class Api implements Routes {
  private static final String METHODS = "GET, POST, OPTIONS";

  private final Optional<VendEndpoint> vend;
  private final Optional<UnreadRequests> unread;
  private final Optional<DemoPages> pages;
  private final BooleanSupplier ready;
  private final Origins origins;
  private final Answers answers;
  private final InstantSource clock;
  private final RandomGenerator random;

  private Api(
      Optional<VendEndpoint> vend,
      Optional<UnreadRequests> unread,
      Optional<DemoPages> pages,
      BooleanSupplier ready,
      Origins origins,
      InstantSource clock,
      RandomGenerator random) {
    this.vend = vend;
    this.unread = unread;
    this.pages = pages;
    this.ready = ready;
    this.origins = origins;
    this.answers = new Answers(new Json(), random);
    this.clock = clock;
    this.random = random;
  }

  /**
   * All routes over one vend endpoint.
   *
   * @param unread puts on record what is refused before it is a vend request
   * @param ready whether a token could be vended now, as far as that is known without trying
   * @param random makes request ids and spreads waiting times
   */
  public static Api of(
      VendEndpoint vend,
      UnreadRequests unread,
      BooleanSupplier ready,
      Origins origins,
      InstantSource clock,
      RandomGenerator random) {
    return new Api(
        Optional.of(vend), Optional.of(unread), Optional.empty(), ready, origins, clock, random);
  }

  /** Before there is anything to vend with: alive, not ready. */
  public static Api starting(Origins origins, InstantSource clock, RandomGenerator random) {
    return new Api(
        Optional.empty(), Optional.empty(), Optional.empty(), () -> false, origins, clock, random);
  }

  /** The same routes, and the demo pages beside them. */
  public Api with(DemoPages demo) {
    return new Api(vend, unread, Optional.of(demo), ready, origins, clock, random);
  }

  /** The same routes, and pages that may read them, with nothing to vend any more. */
  public Api stopping() {
    return new Api(Optional.empty(), unread, Optional.empty(), () -> false, origins, clock, random);
  }

  @Override
  public ApiResponse handle(ApiRequest request) {
    String requestId = requestId();
    return pages
        .flatMap(demo -> demo.answer(request, requestId))
        .orElseGet(() -> route(request, requestId).with(common(request, requestId)));
  }

  @Override
  public ApiResponse refuse(ApiRequest request, Problem problem) {
    String requestId = requestId();
    List<Field> allow =
        problem == Problem.METHOD_NOT_ALLOWED ? List.of(new Field("allow", METHODS)) : List.of();
    record(request, requestId, problem);
    return answers.problem(problem, requestId, allow).with(common(request, requestId));
  }

  private ApiResponse route(ApiRequest request, String requestId) {
    return switch (request.path()) {
      case "/" -> vend(request, requestId);
      case "/healthz" -> probe(request, requestId, true);
      case "/readyz" -> probe(request, requestId, ready.getAsBoolean());
      default -> {
        record(request, requestId, Problem.NOT_FOUND);
        yield answers.problem(Problem.NOT_FOUND, requestId, List.of());
      }
    };
  }

  /** Neither path nor headers: whoever reads records is not to read what strangers write. */
  private void record(ApiRequest request, String requestId, Problem problem) {
    Attempt attempt = new Attempt(requestId, request.from(), clock.instant());
    unread.ifPresent(records -> records.refused(attempt, problem.kind(), problem.name()));
  }

  private ApiResponse vend(ApiRequest request, String requestId) {
    return switch (request.method()) {
      case "GET", "POST" ->
          vend.map(endpoint -> endpoint.handle(request, requestId))
              .orElseGet(() -> answers.unavailable(requestId, Duration.ofSeconds(1)));
      case "OPTIONS" -> preflight(request);
      default -> {
        Attempt attempt = new Attempt(requestId, request.from(), clock.instant());
        yield vend.map(
                endpoint ->
                    endpoint.refuse(attempt, Problem.METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"))
            .orElseGet(() -> answers.problem(Problem.METHOD_NOT_ALLOWED, requestId, List.of()))
            .with(List.of(new Field("allow", METHODS)));
      }
    };
  }

  private ApiResponse probe(ApiRequest request, String requestId, boolean good) {
    if (!request.method().equals("GET")) {
      record(request, requestId, Problem.METHOD_NOT_ALLOWED);
      return answers
          .problem(Problem.METHOD_NOT_ALLOWED, requestId, List.of())
          .with(List.of(new Field("allow", "GET")));
    }
    Body body = Body.of((good ? "ok\n" : "not ready\n").getBytes(US_ASCII));
    return new ApiResponse(
        good ? 200 : 503, List.of(new Field("content-type", "text/plain")), body);
  }

  /** A pre-flight never vends, whatever else it carries. */
  private ApiResponse preflight(ApiRequest request) {
    List<Field> headers = new ArrayList<>();
    headers.add(new Field("allow", METHODS));
    if (allowedOrigin(request).isPresent()) {
      headers.add(new Field("access-control-allow-methods", "GET, POST"));
      headers.add(
          new Field(
              "access-control-allow-headers",
              Preflight.allowedHeaders(request.header("access-control-request-headers"))));
      headers.add(new Field("access-control-max-age", "600"));
    }
    return new ApiResponse(204, headers, Body.empty());
  }

  private Optional<String> allowedOrigin(ApiRequest request) {
    List<String> origin = request.header("origin");
    return origin.size() == 1 ? origins.allowed(origin.getFirst()) : Optional.empty();
  }

  private List<Field> common(ApiRequest request, String requestId) {
    List<Field> headers = new ArrayList<>();
    headers.add(new Field("cache-control", "no-store"));
    headers.add(new Field("x-content-type-options", "nosniff"));
    headers.add(new Field("x-request-id", requestId));
    if (origins.vary()) {
      headers.add(new Field("vary", "Origin"));
    }
    allowedOrigin(request)
        .ifPresent(
            origin -> {
              headers.add(new Field("access-control-allow-origin", origin));
              headers.add(
                  new Field(
                      "access-control-expose-headers",
                      "Retry-After, WWW-Authenticate, X-Request-Id"));
            });
    return headers;
  }

  private String requestId() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}

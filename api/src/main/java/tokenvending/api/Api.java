package tokenvending.api;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import tokenvending.audit.RejectedRequests;
import tokenvending.identity.Attempt;
import tokenvending.limits.Admission.Scope;
import tokenvending.vending.Refusal;

/**
 * All routes of the public port. Immutable: a reload creates a new one. {@link #handle} can block,
 * so it must run on a virtual thread.
 */
public final class Api implements Routes {
  private static final String METHODS = "GET, POST, OPTIONS";

  /**
   * The methods of health checks. The transport removes the body of a response to HEAD (RFC 9110
   * §9.3.2).
   */
  static final Set<String> PROBE_METHODS = Set.of("GET", "HEAD");

  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final Optional<VendEndpoint> vend;
  private final Optional<TokenExchange> exchange;
  private final Optional<RejectedRequests> rejected;
  private final Optional<DemoPages> pages;
  private final BooleanSupplier ready;
  private final Origins origins;
  private final boolean local;
  private final ProblemResponses answers;
  private final InstantSource clock;
  private final RandomGenerator random;

  private Api(
      Optional<VendEndpoint> vend,
      Optional<TokenExchange> exchange,
      Optional<RejectedRequests> rejected,
      Optional<DemoPages> pages,
      BooleanSupplier ready,
      Origins origins,
      boolean local,
      InstantSource clock,
      RandomGenerator random) {
    this.vend = vend;
    this.exchange = exchange;
    this.rejected = rejected;
    this.pages = pages;
    this.ready = ready;
    this.origins = origins;
    this.local = local;
    this.answers = new ProblemResponses(random);
    this.clock = clock;
    this.random = random;
  }

  /**
   * Creates all routes around one vend endpoint.
   *
   * @param rejected counts and audits what is rejected before it is parsed as a vend request
   * @param ready whether a token can be vended now, as far as is known
   * @param random creates request ids and spreads {@code Retry-After} times
   */
  public static Api of(
      VendEndpoint vend,
      RejectedRequests rejected,
      BooleanSupplier ready,
      Origins origins,
      InstantSource clock,
      RandomGenerator random) {
    return new Api(
        Optional.of(vend),
        Optional.empty(),
        Optional.of(rejected),
        Optional.empty(),
        ready,
        origins,
        false,
        clock,
        random);
  }

  /** The routes during a start: live but not ready. */
  public static Api starting(Origins origins, InstantSource clock, RandomGenerator random) {
    return new Api(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        () -> false,
        origins,
        false,
        clock,
        random);
  }

  /** Returns the same routes with the demo pages. */
  public Api with(DemoPages demo) {
    return new Api(
        vend, exchange, rejected, Optional.of(demo), ready, origins, local, clock, random);
  }

  /** Returns the same routes with a token exchange. */
  public Api with(TokenExchange endpoint) {
    return new Api(
        vend, Optional.of(endpoint), rejected, pages, ready, origins, local, clock, random);
  }

  /**
   * Returns the same routes for local use: a request from a browser page is rejected if its origin
   * is not allowed to read the response.
   */
  public Api forLocalUse() {
    return new Api(vend, exchange, rejected, pages, ready, origins, true, clock, random);
  }

  /** Returns the same routes during a shutdown: every vend request is rejected. */
  public Api stopping() {
    return new Api(
        Optional.empty(),
        Optional.empty(),
        rejected,
        Optional.empty(),
        () -> false,
        origins,
        local,
        clock,
        random);
  }

  @Override
  public ApiResponse handle(ApiRequest request) {
    if (local && isOfAnotherOrigin(request)) {
      return refuse(request, Problem.NOT_PERMITTED);
    }
    String requestId = request.id(random);
    return pages
        .flatMap(demo -> demo.answer(request, requestId))
        .orElseGet(() -> route(request, requestId).with(common(request, requestId)));
  }

  @Override
  public ApiResponse refuse(ApiRequest request, Problem problem) {
    String requestId = request.id(random);
    return rejected(request, requestId, problem, METHODS).with(common(request, requestId));
  }

  /** Returns the response to a caller that a gateway has rejected and audited. */
  public ApiResponse loginThrottled(ApiRequest request, Duration wait) {
    String requestId = request.id(random);
    return answers
        .refused(new Refusal.LoginThrottled(wait), requestId)
        .with(common(request, requestId));
  }

  private ApiResponse route(ApiRequest request, String requestId) {
    return switch (request.path()) {
      case "/" -> vend(request, requestId);
      case "/healthz" -> probe(request, requestId, true);
      case "/readyz" -> probe(request, requestId, ready.getAsBoolean());
      case TokenExchange.TOKEN, TokenExchange.METADATA -> exchange(request, requestId);
      default -> rejected(request, requestId, Problem.NOT_FOUND, METHODS);
    };
  }

  /**
   * Rejects what cannot be a vend request: with the problem, or with 429 if its address caused too
   * many rejections. Path and headers are not audited, because the client chose them.
   *
   * @param methods the value of {@code Allow} for a method that is not allowed
   */
  private ApiResponse rejected(
      ApiRequest request, String requestId, Problem problem, String methods) {
    Attempt attempt = new Attempt(requestId, TraceId.of(request), request.from(), clock.instant());
    Duration wait = rejected.map(all -> all.waitFor(request.from())).orElse(Duration.ZERO);
    if (wait.isPositive()) {
      rejected.ifPresent(all -> all.throttled(attempt));
      return answers.refused(new Refusal.Throttled(Scope.ADDRESS_LIMIT, wait), requestId);
    }
    rejected.ifPresent(all -> all.rejected(attempt, problem.kind(), problem.name()));
    return answers.problem(
        problem,
        requestId,
        problem == Problem.METHOD_NOT_ALLOWED ? List.of(new Field("allow", methods)) : List.of());
  }

  private ApiResponse vend(ApiRequest request, String requestId) {
    return switch (request.method()) {
      case "GET", "POST" -> {
        if (local && isOfAnotherSite(request)) {
          yield rejected(request, requestId, Problem.NOT_PERMITTED, "");
        }
        yield vend.map(endpoint -> endpoint.handle(request, requestId))
            .orElseGet(() -> answers.unavailable(requestId, Duration.ofSeconds(1)));
      }
      case "OPTIONS" -> preflight(request);
      default -> rejected(request, requestId, Problem.METHOD_NOT_ALLOWED, METHODS);
    };
  }

  private ApiResponse exchange(ApiRequest request, String requestId) {
    if (exchange.isEmpty()) {
      return vend.isEmpty()
          ? answers.unavailable(requestId, Duration.ofSeconds(1))
          : rejected(request, requestId, Problem.NOT_FOUND, METHODS);
    }
    boolean metadata = request.path().equals(TokenExchange.METADATA);
    String method = metadata ? "GET" : "POST";
    if (request.method().equals("OPTIONS")) {
      return preflight(request);
    }
    if (!request.method().equals(method)) {
      return rejected(request, requestId, Problem.METHOD_NOT_ALLOWED, method + ", OPTIONS");
    }
    if (local && isOfAnotherSite(request)) {
      return rejected(request, requestId, Problem.NOT_PERMITTED, "");
    }
    return metadata ? exchange.get().metadata() : exchange.get().handle(request, requestId);
  }

  private ApiResponse probe(ApiRequest request, String requestId, boolean good) {
    if (!PROBE_METHODS.contains(request.method())) {
      return rejected(request, requestId, Problem.METHOD_NOT_ALLOWED, "GET, HEAD");
    }
    Body body = Body.of((good ? "ok\n" : "not ready\n").getBytes(US_ASCII));
    return new ApiResponse(
        good ? 200 : 503, List.of(new Field("content-type", "text/plain")), body);
  }

  /** Answers a preflight request. It never vends, whatever else the request contains. */
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

  private boolean isOfAnotherOrigin(ApiRequest request) {
    List<String> origin = request.header("origin");
    return !origin.isEmpty() && (origin.size() > 1 || allowedOrigin(request).isEmpty());
  }

  /**
   * Whether a browser reports that another site caused the request (Fetch Metadata). It sends no
   * {@code Origin} with a {@code GET} for a link, an image or a frame.
   */
  private static boolean isOfAnotherSite(ApiRequest request) {
    return request.header("origin").isEmpty()
        && !OWN_SITE.containsAll(request.header("sec-fetch-site"));
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
}

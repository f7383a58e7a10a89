package tokenvending.momentolocal;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Route;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import tokenvending.momentolocal.http.TextResponse;
import tokenvending.momentolocal.snapshot.Snapshots;

/**
 * The control of a {@link LocalServer} by tests: connections, caches, items and the clock. It
 * listens on 127.0.0.1 and requires no key; pages of other origins have no access to it.
 */
public final class AdminServer implements AutoCloseable {

  private static final Pattern MILLIS = Pattern.compile("[0-9]{1,15}");

  private final MomentoLocal local;
  private final LocalServer served;
  private final AdjustableClock clock;
  private final Server server;

  private AdminServer(MomentoLocal local, LocalServer served, AdjustableClock clock, int port) {
    this.local = local;
    this.served = served;
    this.clock = clock;
    this.server = LocalServer.start(routes(LocalServer.builder(LocalServer.loopback(), port)));
  }

  /**
   * Starts to serve.
   *
   * @param served the server of {@code local}
   * @param clock the clock of {@code local}
   * @param port 0 for a free one
   * @throws CompletionException if the port cannot be bound
   */
  public static AdminServer start(
      MomentoLocal local, LocalServer served, AdjustableClock clock, int port) {
    return new AdminServer(local, served, clock, port);
  }

  /** The port at 127.0.0.1 that it listens at. */
  public int port() {
    return server.activeLocalPort();
  }

  /** Stops without waiting. */
  @Override
  public void close() {
    var _ = server.stop();
  }

  private ServerBuilder routes(ServerBuilder builder) {
    builder.maxNumConnections(100).maxRequestLength(Snapshots.MAX_BYTES);
    builder.gracefulShutdownTimeout(Duration.ZERO, Duration.ZERO);
    // Momento's tests block by GET, which fetch() sends when it is given only an address.
    add(
        builder,
        "/block",
        (request, query) -> done(served::block),
        HttpMethod.GET,
        HttpMethod.POST);
    add(
        builder,
        "/unblock",
        (request, query) -> done(served::unblock),
        HttpMethod.GET,
        HttpMethod.POST);
    add(builder, "/reset", (request, query) -> done(this::reset), HttpMethod.POST);
    add(builder, "/seed", (request, query) -> seed(request), HttpMethod.POST);
    add(builder, "/advance", (request, query) -> advance(query), HttpMethod.POST);
    add(builder, "/export", (request, query) -> export(), HttpMethod.GET);
    add(
        builder,
        "/healthz",
        (request, query) -> TextResponse.of(HttpStatus.OK, "ok"),
        HttpMethod.GET);
    HttpService nothing =
        (context, request) -> TextResponse.of(HttpStatus.NOT_FOUND, "no such path");
    return builder.serviceUnder("/", nothing.decorate(LoopbackGuard.loopbackOnly()));
  }

  private static void add(
      ServerBuilder builder,
      String path,
      BiFunction<AggregatedHttpRequest, QueryParams, HttpResponse> answer,
      HttpMethod... methods) {
    HttpService service =
        (context, request) ->
            HttpResponse.of(
                request.aggregate().thenApply(whole -> answer.apply(whole, context.queryParams())));
    builder.service(
        Route.builder().exact(path).methods(methods).build(),
        service.decorate(LoopbackGuard.loopbackOnly()));
  }

  private static HttpResponse done(Runnable action) {
    action.run();
    return TextResponse.of(HttpStatus.OK, "ok");
  }

  private void reset() {
    served.unblock();
    local.reset();
    clock.reset();
  }

  private HttpResponse seed(AggregatedHttpRequest request) {
    try {
      local.seed(request.content().array());
      return TextResponse.of(HttpStatus.OK, "ok");
    } catch (IllegalArgumentException e) {
      return TextResponse.of(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  private HttpResponse export() {
    return local
        .snapshots()
        .export()
        .map(json -> HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, json))
        .orElseGet(
            () ->
                TextResponse.of(
                    HttpStatus.INSUFFICIENT_STORAGE,
                    "the items are more than " + Snapshots.MAX_BYTES + " bytes"));
  }

  private HttpResponse advance(QueryParams query) {
    String millis = query.get("milliseconds", "");
    if (!MILLIS.matcher(millis).matches()) {
      return TextResponse.of(HttpStatus.BAD_REQUEST, "expected ?milliseconds=N");
    }
    try {
      clock.advance(Duration.ofMillis(Long.parseLong(millis)));
    } catch (IllegalArgumentException e) {
      return TextResponse.of(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
    Instant now = clock.instant();
    return TextResponse.of(HttpStatus.OK, now.toString());
  }
}

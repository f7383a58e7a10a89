package tokenvending.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.logging.RequestLogProperty;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tokenvending.api.ApiRequest;
import tokenvending.api.ApiResponse;
import tokenvending.api.Body;
import tokenvending.api.Field;
import tokenvending.api.Problem;
import tokenvending.api.Query;
import tokenvending.api.Routes;
import tokenvending.identity.ClientAddress;

/** Converts Armeria's requests to those of the API, and its responses back. */
final class ArmeriaApi implements HttpService {
  private static final List<AsciiString> ONCE =
      List.of(
          HttpHeaderNames.METHOD,
          HttpHeaderNames.SCHEME,
          HttpHeaderNames.PATH,
          HttpHeaderNames.AUTHORITY);

  private final Supplier<? extends Routes> api;
  private final HostRule hosts;
  private final ClientAddresses addresses;
  private final Executor executor;

  private volatile AtomicInteger underWay = new AtomicInteger();
  private volatile boolean ending;

  /**
   * A service for the current API.
   *
   * @param hosts the hosts that requests can name
   * @param executor runs the blocking requests, on one virtual thread each
   */
  ArmeriaApi(
      Supplier<? extends Routes> api,
      HostRule hosts,
      ClientAddresses addresses,
      Executor executor) {
    this.api = api;
    this.hosts = hosts;
    this.addresses = addresses;
    this.executor = executor;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    if (isAmbiguous(request.headers())) {
      ApiRequest unread = request(context, request.headers(), HttpData.empty());
      return response(api.get().refuse(unread, Problem.MALFORMED));
    }
    if (context.sessionProtocol().isMultiplex() && isTooLarge(request.headers())) {
      ApiRequest unread = request(context, request.headers(), HttpData.empty());
      return response(api.get().refuse(unread, Problem.HEADERS_TOO_LARGE));
    }
    if (ending) {
      // This response is the last one of its connection.
      var _ = context.initiateConnectionShutdown();
    }
    Work work = new Work();
    AtomicInteger counter = underWay;
    counter.incrementAndGet();
    CompletableFuture<HttpResponse> answer =
        request
            .aggregate()
            .thenApplyAsync(
                whole -> {
                  ApiRequest asked = request(context, whole.headers(), whole.content());
                  return work.run(() -> response(answer(context, whole.headers(), asked)));
                },
                executor);
    var _ = answer.whenComplete((done, fault) -> counter.decrementAndGet());
    HttpResponse response = HttpResponse.of(answer);
    var _ =
        response
            .whenComplete()
            .exceptionally(
                gone -> {
                  work.drop();
                  return null;
                });
    return response;
  }

  private ApiResponse answer(
      ServiceRequestContext context, RequestHeaders headers, ApiRequest request) {
    if (hosts.allows(headers)) {
      return api.get().handle(request);
    }
    // RFC 9110 §15.5.20: an HTTP/2 client can reuse a connection to another host for this one.
    boolean keeps = context.sessionProtocol().isMultiplex();
    return api.get().refuse(request, keeps ? Problem.MISDIRECTED : Problem.HOST_NOT_ALLOWED);
  }

  /**
   * Whether a pseudo-header occurs twice (RFC 9113 §8.3), so that two readers could use different
   * values.
   */
  private static boolean isAmbiguous(RequestHeaders headers) {
    for (AsciiString name : ONCE) {
      if (headers.getAll(name).size() > 1) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the headers exceed the limit by the size of RFC 9113 §6.5.2. HTTP/1 has its own limits.
   */
  private static boolean isTooLarge(RequestHeaders headers) {
    long size = 0;
    for (Map.Entry<AsciiString, String> header : headers) {
      size += header.getKey().length() + header.getValue().length() + 32;
    }
    return size > HttpListener.HEADERS;
  }

  /**
   * The work for one request. It is abandoned when the client disconnects: its thread is
   * interrupted.
   */
  private static final class Work {
    private @Nullable Thread thread;
    private boolean dropped;

    HttpResponse run(Supplier<HttpResponse> work) {
      synchronized (this) {
        thread = Thread.currentThread();
        if (dropped) {
          thread.interrupt();
        }
      }
      try {
        return work.get();
      } finally {
        synchronized (this) {
          thread = null;
        }
      }
    }

    synchronized void drop() {
      dropped = true;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /**
   * Waits until every request that has arrived is answered, at most for the given time. Clients are
   * asked to close their connections from now on.
   */
  void awaitArrived(Duration atMost) {
    AtomicInteger arrived = underWay;
    underWay = new AtomicInteger();
    ending = true;
    Polling.until(() -> arrived.get() == 0, atMost);
  }

  ApiRequest request(ServiceRequestContext context, RequestHeaders headers, HttpData content) {
    // Not the path of the headers, which Armeria normalizes: routing uses the path as it was sent.
    String raw = context.routingContext().requestTarget().rawPath();
    String target = raw == null ? headers.path() : raw;
    int mark = target.indexOf('?');
    Map<String, List<String>> byName = new HashMap<>();
    headers.forEach(
        (name, value) ->
            byName.computeIfAbsent(name.toString(), n -> new ArrayList<>()).add(text(value)));
    return new ApiRequest(
        headers.method().name(),
        mark < 0 ? target : target.substring(0, mark),
        new Query.Encoded(mark < 0 ? "" : target.substring(mark + 1)),
        byName,
        Body.of(content.array()),
        addresses.of(
            context.remoteAddress().getAddress(),
            byName.getOrDefault("x-forwarded-for", List.of()),
            byName.getOrDefault("forwarded", List.of())),
        arrival(context));
  }

  /** Returns when the headers were read, before the request waited for a thread. */
  private static Instant arrival(ServiceRequestContext context) {
    return instant(
        context
            .log()
            .ensureAvailable(RequestLogProperty.REQUEST_START_TIME)
            .requestStartTimeMicros());
  }

  /** Converts a time of Armeria. */
  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** Returns the client's address behind trusted proxies. */
  ClientAddress from(InetAddress peer, List<String> xForwardedFor, List<String> forwarded) {
    return addresses.of(peer, xForwardedFor, forwarded);
  }

  /** Decodes a header value, which arrives as one char per byte, as UTF-8. */
  private static String text(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) >= 0x80) {
        return new String(value.getBytes(ISO_8859_1), UTF_8);
      }
    }
    return value;
  }

  static HttpResponse response(ApiResponse answer) {
    return aggregated(answer).toHttpResponse();
  }

  static AggregatedHttpResponse aggregated(ApiResponse answer) {
    ResponseHeadersBuilder headers = ResponseHeaders.builder(answer.status());
    for (Field field : answer.headers()) {
      // Reuses the objects of known names.
      headers.add(HttpHeaderNames.of(field.name()), field.value());
    }
    return AggregatedHttpResponse.of(headers.build(), HttpData.wrap(answer.body().bytes()));
  }
}

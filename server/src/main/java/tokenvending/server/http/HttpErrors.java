package tokenvending.server.http;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.stream.CancelledSubscriptionException;
import com.linecorp.armeria.common.stream.ClosedStreamException;
import com.linecorp.armeria.common.util.SystemInfo;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tokenvending.api.ApiRequest;
import tokenvending.api.ApiResponse;
import tokenvending.api.Body;
import tokenvending.api.Problem;
import tokenvending.api.Query;
import tokenvending.api.Routes;

/** Answers requests that Armeria itself rejects with problem documents. */
final class HttpErrors implements ServerErrorHandler {
  private final Supplier<? extends Routes> api;
  private final ArmeriaApi adapter;
  private final CurrentPeer peers;

  HttpErrors(Supplier<? extends Routes> api, ArmeriaApi adapter, CurrentPeer peers) {
    this.api = api;
    this.adapter = adapter;
    this.peers = peers;
  }

  @Override
  public HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
    ApiRequest request = adapter.request(context, context.request().headers(), HttpData.empty());
    return ArmeriaApi.response(api.get().refuse(request, problem(cause)));
  }

  private static Problem problem(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return switch (root) {
      case ContentTooLargeException tooLarge -> Problem.TOO_LARGE;
      case RequestTimeoutException timeout -> Problem.REQUEST_TIMEOUT;
      // The client went away within its request, which is incomplete (RFC 9112 §8).
      case ClosedStreamException gone -> Problem.MALFORMED;
      case CancelledSubscriptionException gone -> Problem.MALFORMED;
      default -> Problem.INTERNAL;
    };
  }

  @Override
  public AggregatedHttpResponse onProtocolViolation(
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    ApiResponse answer = api.get().refuse(unread(headers), problem(status));
    return ArmeriaApi.aggregated(answer);
  }

  private static Problem problem(HttpStatus status) {
    return switch (status.code()) {
      case 405 -> Problem.METHOD_NOT_ALLOWED;
      case 408 -> Problem.REQUEST_TIMEOUT;
      case 413 -> Problem.TOO_LARGE;
      case 414, 431 -> Problem.HEADERS_TOO_LARGE;
      default -> status.isServerError() ? Problem.INTERNAL : Problem.MALFORMED;
    };
  }

  /** Returns what is known of an unreadable request: the client's address and the page's origin. */
  private ApiRequest unread(@Nullable RequestHeaders headers) {
    Map<String, List<String>> known =
        headers == null
            ? peers.headers()
            : Map.of(
                "origin", headers.getAll("origin"),
                "x-forwarded-for", headers.getAll("x-forwarded-for"),
                "forwarded", headers.getAll("forwarded"));
    return new ApiRequest(
        headers == null ? HttpMethod.UNKNOWN.name() : headers.method().name(),
        "/",
        new Query.Decoded(List.of()),
        known,
        Body.empty(),
        adapter.from(
            peers.current(),
            known.getOrDefault("x-forwarded-for", List.of()),
            known.getOrDefault("forwarded", List.of())),
        ArmeriaApi.instant(SystemInfo.currentTimeMicros()));
  }
}

package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tokenvending.api.Api;
import tokenvending.api.ApiRequest;
import tokenvending.api.ApiResponse;
import tokenvending.api.Body;
import tokenvending.api.Problem;
import tokenvending.identity.ClientAddress;

/** Converts a proxy event to a request of the API, and checks its size. */
final class ProxyRequest {
  /** The oldest event that is accepted: API Gateway gives up after 29 s or 30 s. */
  private static final Duration OLDEST = Duration.ofSeconds(30);

  private ProxyRequest() {}

  /**
   * Returns the API's response.
   *
   * @param now the time of arrival if the event has none, or an impossible one
   */
  static ApiResponse answer(Api api, GatewayEvent event, Instant now) {
    Optional<byte[]> body = body(event);
    ApiRequest request = request(event, body.orElse(new byte[0]), now);
    if (event.retryAfter().isPresent()) {
      return api.loginThrottled(request, event.retryAfter().get());
    }
    if (body.isEmpty()) {
      return api.refuse(request, Problem.MALFORMED);
    }
    return body.get().length > Body.LIMIT
        ? api.refuse(request, Problem.TOO_LARGE)
        : api.handle(request);
  }

  private static ApiRequest request(GatewayEvent event, byte[] body, Instant now) {
    return new ApiRequest(
        event.httpMethod(),
        event.path(),
        event.query(),
        event.headers(),
        Body.of(body),
        from(event),
        arrival(event, now),
        event.requestId());
  }

  /** Returns the time for the audit event, which an invoker of the function cannot choose. */
  private static Instant arrival(GatewayEvent event, Instant now) {
    return event.at().filter(at -> !at.isAfter(now) && at.isAfter(now.minus(OLDEST))).orElse(now);
  }

  private static Optional<byte[]> body(GatewayEvent event) {
    if (!event.isBase64Encoded()) {
      return Optional.of(event.body().getBytes(UTF_8));
    }
    try {
      return Optional.of(Base64.getDecoder().decode(event.body()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static ClientAddress from(GatewayEvent event) {
    return ClientAddress.parse(event.sourceIp())
        .orElseThrow(
            () ->
                new UnsupportedEvent(
                    "This function accepts only events that have the client's address."));
  }
}

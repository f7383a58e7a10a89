package tokenvending.lambda;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import tokenvending.api.Field;
import tokenvending.text.Json;

/**
 * An event of an API Gateway REST API: a proxy integration or a request authorizer. Its information
 * about the caller is ignored, because anyone with permission to invoke the function can forge an
 * event; the function verifies the credential in the headers itself. The wait that the authorizer
 * imposes is used: a forged one rejects only its sender.
 *
 * @param type {@code REQUEST} for an authorizer, else empty
 * @param resource the route, as the API declares it
 * @param proxyPath the value of {@code {proxy+}}
 * @param headers all values by lower-case name
 * @param query all values, decoded
 * @param body as in the event
 * @param requestId the gateway's id, also in its access log and in the authorizer's event
 * @param retryAfter the wait that the login throttle of the authorizer imposes
 * @param at when the gateway received it, if the event contains that
 * @param sourceIp the address of the gateway's client
 */
record GatewayEvent(
    String type,
    String methodArn,
    String httpMethod,
    String resource,
    String proxyPath,
    Map<String, List<String>> headers,
    List<Field> query,
    String body,
    boolean isBase64Encoded,
    String apiId,
    String stage,
    Optional<String> requestId,
    Optional<Duration> retryAfter,
    Optional<Instant> at,
    String sourceIp) {
  private static final Pattern MILLIS = Pattern.compile("[0-9]{1,15}");
  private static final Pattern SECONDS = Pattern.compile("[1-9][0-9]{0,4}");
  private static final Pattern BARE_JWT = Pattern.compile("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+");
  private static final Pattern REQUEST_ID = Pattern.compile("[0-9A-Za-z=_-]{8,64}");

  /**
   * Reads an event in one of the REST API's two forms. Others are similar: HTTP APIs and function
   * URLs have a {@code version}, load balancers no {@code apiId}.
   *
   * @throws UnsupportedEvent if it has another form, or is not JSON
   */
  static GatewayEvent read(InputStream event) throws IOException {
    return of(parse(event));
  }

  /** Reads an event of any shape. */
  static Json.Members parse(InputStream event) throws IOException {
    return Json.object(event.readAllBytes()).orElseThrow(GatewayEvent::unsupported);
  }

  /** Whether it is a health check, which only a principal with permission to invoke can send. */
  static boolean isHealthCheck(Json.Members event) {
    return event.has("health");
  }

  static GatewayEvent of(Json.Members members) {
    Json.Members context = members.members("requestContext");
    boolean complete =
        !members.has("version")
            && members.has("httpMethod")
            && members.has("resource")
            && context.has("apiId")
            && context.has("stage")
            && !text(context.members("identity"), "sourceIp").isEmpty();
    if (!complete) {
      throw unsupported();
    }
    Map<String, List<String>> headers =
        lists(members, "multiValueHeaders", "headers", name -> name.toLowerCase(Locale.ROOT));
    headers.computeIfPresent(
        "authorization", (name, values) -> values.stream().map(GatewayEvent::bearer).toList());
    List<Field> query = new ArrayList<>();
    lists(
            members,
            "multiValueQueryStringParameters",
            "queryStringParameters",
            UnaryOperator.identity())
        .forEach((name, values) -> values.forEach(value -> query.add(new Field(name, value))));
    return new GatewayEvent(
        text(members, "type"),
        text(members, "methodArn"),
        text(members, "httpMethod"),
        text(members, "resource"),
        text(members.members("pathParameters"), "proxy"),
        headers,
        query,
        text(members, "body"),
        members.find("isBase64Encoded").filter(new Json.Bool(true)::equals).isPresent(),
        text(context, "apiId"),
        text(context, "stage"),
        Optional.of(text(context, "requestId")).filter(id -> REQUEST_ID.matcher(id).matches()),
        Optional.of(text(context.members("authorizer"), AuthorizerHandler.RETRY_AFTER))
            .filter(seconds -> SECONDS.matcher(seconds).matches())
            .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds))),
        at(text(context, "requestTimeEpoch")),
        text(context.members("identity"), "sourceIp"));
  }

  /** Adds the scheme to a bare JWT, which the gateway's check of Cognito tokens accepts too. */
  private static String bearer(String authorization) {
    return BARE_JWT.matcher(authorization).matches() ? "Bearer " + authorization : authorization;
  }

  private static UnsupportedEvent unsupported() {
    return new UnsupportedEvent(
        "This function accepts events of an API Gateway REST API: a proxy integration or a request"
            + " authorizer.");
  }

  private static String text(Json.Members members, String name) {
    return members.find(name).flatMap(Json::scalar).orElse("");
  }

  private static Optional<Instant> at(String millis) {
    return MILLIS.matcher(millis).matches()
        ? Optional.of(Instant.ofEpochMilli(Long.parseLong(millis)))
        : Optional.empty();
  }

  /** Returns an object of lists of texts; if it is empty, the corresponding object of texts. */
  private static Map<String, List<String>> lists(
      Json.Members event, String many, String single, UnaryOperator<String> rename) {
    Map<String, Json> written = event.members(many).values();
    Map<String, List<String>> lists = new LinkedHashMap<>();
    (written.isEmpty() ? event.members(single).values() : written)
        .forEach(
            (name, value) -> {
              List<String> texts =
                  lists.computeIfAbsent(rename.apply(name), unseen -> new ArrayList<>());
              for (Json one :
                  value instanceof Json.Items(List<Json> items) ? items : List.of(value)) {
                if (!(one instanceof Json.Null)) {
                  texts.add(one.scalar().orElseThrow(GatewayEvent::unsupported));
                }
              }
            });
    return lists;
  }
}

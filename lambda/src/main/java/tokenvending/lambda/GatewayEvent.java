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
import java.util.stream.Stream;
import tokenvending.api.Field;
import tokenvending.api.Query;
import tokenvending.configuration.AwsOptions.Front;
import tokenvending.text.Json;

/**
 * An event of an API Gateway REST API (a proxy integration or a request authorizer), of an HTTP API
 * or of a function URL (both payload format 2.0). Its information about the caller is ignored,
 * because anyone with permission to invoke the function can forge an event; the function verifies
 * the credential in the headers itself. The wait that the authorizer imposes is used: a forged one
 * rejects only its sender.
 *
 * @param front what sent it
 * @param type {@code REQUEST} for an authorizer, else empty
 * @param path without the stage and the base path of a custom domain
 * @param headers all values by lower-case name
 * @param body as in the event
 * @param requestId the gateway's id, also in its access log and in the authorizer's event
 * @param retryAfter the wait that the login throttle of the authorizer imposes
 * @param at when the gateway received it, if the event contains that
 * @param sourceIp the address of the gateway's client
 */
record GatewayEvent(
    Front front,
    String type,
    String methodArn,
    String httpMethod,
    String path,
    Map<String, List<String>> headers,
    Query query,
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

  /** Reads an event of any shape. */
  static Json.Members parse(InputStream event) throws IOException {
    return Json.object(event.readAllBytes()).orElseThrow(GatewayEvent::unsupported);
  }

  /** Whether it is a health check, which only a principal with permission to invoke can send. */
  static boolean isHealthCheck(Json.Members event) {
    return event.has("health");
  }

  /**
   * Reads an event.
   *
   * @throws UnsupportedEvent if it has another form; a load balancer's has no {@code apiId}
   */
  static GatewayEvent of(Json.Members members) {
    return members.has("version") ? payload2(members) : payload1(members);
  }

  private static GatewayEvent payload1(Json.Members members) {
    Json.Members context = members.members("requestContext");
    boolean complete =
        members.has("httpMethod")
            && members.has("resource")
            && context.has("apiId")
            && context.has("stage")
            && !text(context.members("identity"), "sourceIp").isEmpty();
    if (!complete) {
      throw unsupported();
    }
    Map<String, List<String>> headers = headers(members);
    headers.computeIfPresent(
        "authorization", (name, values) -> values.stream().map(GatewayEvent::bearer).toList());
    List<Field> query = new ArrayList<>();
    lists(
            members,
            "multiValueQueryStringParameters",
            "queryStringParameters",
            UnaryOperator.identity())
        .forEach((name, values) -> values.forEach(value -> query.add(new Field(name, value))));
    String resource = text(members, "resource");
    return new GatewayEvent(
        Front.REST,
        text(members, "type"),
        text(members, "methodArn"),
        text(members, "httpMethod"),
        resource.equals("/{proxy+}")
            ? "/" + text(members.members("pathParameters"), "proxy")
            : resource,
        headers,
        new Query.Decoded(query),
        text(members, "body"),
        isBase64Encoded(members),
        text(context, "apiId"),
        text(context, "stage"),
        requestId(context),
        Optional.of(text(context.members("authorizer"), AuthorizerHandler.RETRY_AFTER))
            .filter(seconds -> SECONDS.matcher(seconds).matches())
            .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds))),
        at(text(context, "requestTimeEpoch")),
        text(context.members("identity"), "sourceIp"));
  }

  /** Reads payload format 2.0, which joins the values of a repeated header with commas. */
  private static GatewayEvent payload2(Json.Members members) {
    Json.Members context = members.members("requestContext");
    Json.Members http = context.members("http");
    boolean complete =
        text(members, "version").equals("2.0")
            && members.has("rawPath")
            && http.has("method")
            && context.has("apiId")
            && context.has("stage")
            && !text(http, "sourceIp").isEmpty();
    if (!complete) {
      throw unsupported();
    }
    Map<String, List<String>> headers = headers(members);
    // Neither credential contains a comma, so one separates two of them.
    headers.computeIfPresent("authorization", (name, values) -> separated(values));
    headers.computeIfPresent("username", (name, values) -> separated(values));
    String apiId = text(context, "apiId");
    return new GatewayEvent(
        text(context, "domainName").startsWith(apiId + ".lambda-url.") ? Front.URL : Front.HTTP,
        "",
        "",
        text(http, "method"),
        text(members, "rawPath"),
        headers,
        new Query.Encoded(text(members, "rawQueryString")),
        text(members, "body"),
        isBase64Encoded(members),
        apiId,
        text(context, "stage"),
        requestId(context),
        Optional.empty(),
        at(text(context, "timeEpoch")),
        text(http, "sourceIp"));
  }

  private static Map<String, List<String>> headers(Json.Members members) {
    return lists(members, "multiValueHeaders", "headers", name -> name.toLowerCase(Locale.ROOT));
  }

  private static List<String> separated(List<String> values) {
    return values.stream()
        .flatMap(value -> Stream.of(value.split(",", -1)))
        .map(String::strip)
        .map(GatewayEvent::bearer)
        .toList();
  }

  private static boolean isBase64Encoded(Json.Members members) {
    return members.find("isBase64Encoded").filter(new Json.Bool(true)::equals).isPresent();
  }

  private static Optional<String> requestId(Json.Members context) {
    return Optional.of(text(context, "requestId")).filter(id -> REQUEST_ID.matcher(id).matches());
  }

  /** Adds the scheme to a bare JWT, which the gateway's check of Cognito tokens accepts too. */
  private static String bearer(String authorization) {
    return BARE_JWT.matcher(authorization).matches() ? "Bearer " + authorization : authorization;
  }

  private static UnsupportedEvent unsupported() {
    return new UnsupportedEvent(
        "This function accepts events of an API Gateway REST API or HTTP API, and of a function"
            + " URL.");
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

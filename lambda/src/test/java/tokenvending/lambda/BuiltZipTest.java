package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.authentication.Argon2Hash;
import tokenvending.lambda.RuntimeApiAtLoopback.Result;
import tokenvending.secret.Secret;

/**
 * What is deployed, as AWS runs it: the built zip, unpacked, under AWS's own runtime client in a
 * process of its own, with a Runtime API, a token service and a Secrets Manager on loopback.
 */
final class BuiltZipTest {
  private static final String RULES =
      """
      parameters:
        name: { max-length: 64, required: false }
      rules:
        - id: everybody
          permissions:
            - { role: ReadOnly, cache: chat }
      cors: { allow-origins: ["https://chat.example.com"] }
      """;

  @TempDir private Path folder;
  private final Upstream upstream = new Upstream();
  private Optional<BuiltFunction> started = Optional.empty();

  @BeforeEach
  void unpack() throws IOException {
    BuiltFunction.unpack(folder);
  }

  @AfterEach
  void stop() {
    started.ifPresent(BuiltFunction::close);
    upstream.close();
  }

  private BuiltFunction function() {
    return started.orElseThrow();
  }

  private void start(String methods, String handler) throws IOException {
    Map<String, String> environment =
        upstream.deployed(folder, "authentication:\n" + methods + RULES);
    started = Optional.of(BuiltFunction.start(folder, environment, handler));
  }

  private JsonNode vend(JsonNode event) throws IOException {
    return function().answer(event);
  }

  private String log() throws IOException {
    return String.join("\n", function().log());
  }

  private void everyLineIsOneJsonObject() throws IOException {
    List<String> lines = function().log();
    assertThat(lines).isNotEmpty();
    for (String line : lines) {
      assertThat(Events.JSON.readTree(line).isObject()).as(line).isTrue();
    }
  }

  /** One way in, a caller who passes and one who does not. */
  private record AuthenticationMethod(
      String file, JsonNode welcome, JsonNode unwelcome, int refusal) {}

  private AuthenticationMethod method(String name) {
    upstream.secrets.put(
        "users",
        "ann: { hash: \"%s\" }\n"
            .formatted(Argon2Hash.of(Secret.of("right horse"), new SecureRandom()).text()));
    String jwt = upstream.jwt("ann", "moderators");
    String idToken = upstream.idToken("ann", "moderators");
    return switch (name) {
      case "open" ->
          new AuthenticationMethod(
              "  - open: {}\n",
              Events.get(Map.of("name", "Taylor"), Map.of()),
              Events.get(Map.of("colour", "red"), Map.of()),
              400);
      case "password" ->
          new AuthenticationMethod(
              "  - password: { users: \"aws-secret:users\" }\n",
              Events.get(Map.of(), basic("ann:right horse")),
              claimedFor("ann"),
              401);
      case "oidc" ->
          new AuthenticationMethod(
              upstream.oidc(), Events.get(Map.of(), bearer(jwt)), forged(jwt), 401);
      case "cognito" ->
          new AuthenticationMethod(
              upstream.cognito(), Events.get(Map.of(), bearer(idToken)), forged(idToken), 401);
      case "guests" ->
          new AuthenticationMethod(
              "  - open: {}\n" + upstream.oidc(), Events.get(Map.of(), Map.of()), forged(jwt), 401);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** An event whose gateway says who is calling, and whose password is wrong. */
  private static JsonNode claimedFor(String subject) {
    ObjectNode event = Events.get(Map.of(), basic(subject + ":wrong horse"));
    ((ObjectNode) event.get("requestContext"))
        .putObject("authorizer")
        .put("principalId", subject)
        .put("tvmIssuer", "password")
        .put("tvmSubject", subject)
        .put("tvmGroups", "[]");
    return event;
  }

  private static JsonNode forged(String jwt) {
    return Events.get(Map.of(), bearer(jwt + "x"));
  }

  private static Map<String, String> bearer(String jwt) {
    return Map.of("authorization", "Bearer " + jwt);
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "password", "oidc", "cognito", "guests"})
  @Tag("T5")
  void each_way_in_vends_refuses_and_outlives_what_is_not_its(String name) throws IOException {
    AuthenticationMethod way = method(name);
    start(way.file(), BuiltFunction.VEND);

    JsonNode first = vend(way.welcome());
    assertThat(first.get("statusCode").asInt()).as(first.toString()).isEqualTo(200);
    String token = Events.body(first).path("authToken").asText();
    assertThat(token).isNotEmpty();
    assertThat(vend(way.unwelcome()).get("statusCode").asInt()).isEqualTo(way.refusal());
    Result foreign = function().runtime().invoke("{\"version\":\"2.0\",\"rawPath\":\"/\"}");
    assertThat(foreign.kind()).isEqualTo("error");
    assertThat(foreign.body()).contains("events of an API Gateway REST API");
    assertThat(vend(oversized(way.welcome())).get("statusCode").asInt()).isEqualTo(413);
    assertThat(upstream.minted).as("one of four").hasValue(1);

    everyLineIsOneJsonObject();
    assertThat(log()).doesNotContain(token, "horse", "eyJ");
  }

  private static JsonNode oversized(JsonNode event) {
    ObjectNode large = event.deepCopy();
    large.put("httpMethod", "POST").put("body", "{\"name\":\"" + "a".repeat(5_900_000) + "\"}");
    large.withObjectProperty("headers").put("Content-Type", "application/json");
    large.withObjectProperty("multiValueHeaders").putArray("Content-Type").add("application/json");
    return large;
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "password", "oidc", "cognito", "guests"})
  void a_token_service_that_does_not_answer_is_503_within_the_deadline(String name)
      throws IOException {
    upstream.silence();
    AuthenticationMethod way = method(name);
    start(way.file(), BuiltFunction.VEND);
    long started = System.nanoTime();
    JsonNode answer = vend(way.welcome());
    assertThat(answer.get("statusCode").asInt()).as(answer.toString()).isEqualTo(503);
    assertThat(answer.path("multiValueHeaders").path("retry-after").path(0).asInt())
        .isGreaterThanOrEqualTo(1);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started)).isLessThan(40);
    everyLineIsOneJsonObject();
  }

  @Test
  @Tag("T5")
  void a_JWT_is_verified_by_the_authorizer_too() throws IOException {
    start(upstream.oidc(), BuiltFunction.AUTHORIZE);
    String jwt = upstream.jwt("ann");
    JsonNode allowed = vend(Events.authorize(Map.of("Authorization", "Bearer " + jwt)));
    assertThat(allowed.path("policyDocument").path("Statement").path(0).path("Effect").asText())
        .isEqualTo("Allow");
    JsonNode refused = vend(Events.authorize(Map.of("Authorization", "Bearer " + jwt + "x")));
    assertThat(refused.at("/policyDocument/Statement/0/Effect").asText()).isEqualTo("Deny");
    assertThat(function().runtime().errors()).isZero();
    everyLineIsOneJsonObject();
    assertThat(log()).doesNotContain(jwt);
  }

  @Test
  @Tag("T7")
  void a_password_is_checked_by_the_authorizer() throws IOException {
    upstream.secrets.put(
        "users",
        "ann: { hash: \"%s\" }\n"
            .formatted(Argon2Hash.of(Secret.of("right horse"), new SecureRandom()).text()));
    start("  - password: { users: \"aws-secret:users\" }\n", BuiltFunction.AUTHORIZE);
    JsonNode allowed = vend(Events.authorize(basic("ann:right horse")));
    assertThat(allowed.path("policyDocument").path("Statement").path(0).path("Effect").asText())
        .isEqualTo("Allow");
    JsonNode refused = vend(Events.authorize(basic("ann:wrong horse")));
    assertThat(refused.at("/policyDocument/Statement/0/Effect").asText()).isEqualTo("Deny");
    assertThat(function().runtime().errors()).isZero();
    everyLineIsOneJsonObject();
    assertThat(log()).doesNotContain("horse");
  }

  private static Map<String, String> basic(String pair) {
    return Map.of(
        "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  @Test
  void a_file_that_cannot_be_used_is_a_start_that_failed() throws Exception {
    Map<String, String> environment = upstream.deployed(folder, "authentication: no\n");
    started = Optional.of(BuiltFunction.start(folder, environment, BuiltFunction.VEND));
    Process process = function().process();
    assertThat(function().runtime().failedStart().body()).contains("tvm.yaml:1");
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isNotZero();
  }

  @Test
  void the_zip_holds_what_the_path_needs_and_nothing_else() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    Pattern version = Pattern.compile("-[0-9][0-9A-Za-z.]*(-SNAPSHOT|-jre)?\\.jar$");
    try (ZipFile zip = new ZipFile(BuiltFunction.ZIP.toFile())) {
      zip.stream()
          .filter(entry -> !entry.isDirectory())
          .forEach(
              entry -> {
                assertThat(entry.getName()).startsWith("lib/");
                Matcher end = version.matcher(entry.getName());
                names.add(end.replaceFirst("").substring("lib/".length()));
              });
    }
    assertThat(names).containsExactlyInAnyOrderElementsOf(CONTENT);
    assertThat(Files.size(BuiltFunction.ZIP)).isLessThan(12_500_000L);
  }

  /** A new one costs every cold start; think before it is written down here. */
  private static final List<String> CONTENT =
      List.of(
          "api",
          "app",
          "auth",
          "authentication",
          "aws",
          "aws-lambda-java-core",
          "checksums",
          "checksums-spi",
          "crac",
          "endpoints-spi",
          "eventstream",
          "http-auth",
          "http-auth-aws",
          "http-auth-aws-eventstream",
          "http-auth-spi",
          "http-client-spi",
          "identity-spi",
          "json-utils",
          "lambda",
          "metrics-spi",
          "momento",
          "netty-buffer",
          "netty-codec-base",
          "netty-codec-compression",
          "netty-codec-http",
          "netty-codec-http2",
          "netty-codec-socks",
          "netty-common",
          "netty-handler",
          "netty-handler-proxy",
          "netty-resolver",
          "netty-transport",
          "netty-transport-native-unix-common",
          "nimbus-jose-jwt",
          "password4j",
          "profiles",
          "protobuf-java",
          "reactive-streams",
          "regions",
          "retries",
          "retries-spi",
          "sdk-core",
          "slf4j-api",
          "slf4j-jdk14",
          "snakeyaml-engine",
          "third-party-jackson-core",
          "utils",
          "vending");
}

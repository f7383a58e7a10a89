package tokenvending.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.authentication.Argon2Hash;
import tokenvending.configuration.AwsOptions.Front;
import tokenvending.secret.Secret;
import tokenvending.testing.SettableClock;

final class VendHandlerTest {
  private static final String RULES =
      """
      parameters:
        name: { max-length: 64, required: false }
      rules:
        - id: moderators
          when: { groups: moderators }
          permissions:
            - { role: ReadWrite, cache: chat }
        - id: everybody
          permissions:
            - { role: ReadOnly, cache: chat }
      cors: { allow-origins: ["https://chat.example.com"] }
      """;

  @TempDir private Path folder;
  private final Upstream upstream = new Upstream();
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();

  @AfterEach
  void stop() {
    upstream.close();
  }

  private VendHandler handler(String methods) {
    return handler(methods, InstantSource.system());
  }

  private VendHandler handler(String methods, InstantSource clock) {
    upstream.secrets.put(
        "users",
        """
        ann: { hash: "%s", groups: [moderators] }
        bob: { hash: "%s" }
        """
            .formatted(hash("right horse"), hash("grey mare")));
    VendHandler handler =
        new VendHandler(
            upstream.deployed(folder, "authentication:\n" + methods + RULES),
            stdout,
            clock,
            SecretsAt.of(upstream.secrets));
    // The first call would pay for loading and connecting, and has a deadline.
    handler.connect(Duration.ofSeconds(30));
    return handler;
  }

  private static final String OPEN = "  - open: {}\n";
  private static final String PASSWORD = "  - password: { users: \"aws-secret:users\" }\n";

  private static String hash(String password) {
    return Argon2Hash.of(Secret.of(password), new SecureRandom()).text();
  }

  private static Map<String, String> basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return Map.of("authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
  }

  /** What whoever may invoke the function can say of a caller. */
  private static ObjectNode claimed(ObjectNode event) {
    ObjectNode authorizer =
        ((ObjectNode) event.get("requestContext"))
            .putObject("authorizer")
            .put("principalId", "ann")
            .put("integrationLatency", 12)
            .put("tvmIssuer", "password")
            .put("tvmSubject", "ann")
            .put("tvmGroups", "[\"moderators\"]");
    authorizer.putObject("claims").put("sub", "ann").put("cognito:groups", "moderators");
    authorizer.putObject("jwt").putObject("claims").put("sub", "ann");
    ((ObjectNode) event.get("requestContext").get("identity"))
        .put("user", "ann")
        .put("userArn", "arn:aws:iam::123456789012:user/ann")
        .put("cognitoIdentityId", "us-west-2:ann");
    return event;
  }

  private static String permissions(JsonNode answer) {
    return Events.body(answer).path("permissions").toString();
  }

  @Test
  @Tag("T11")
  void a_password_is_verified_here_whatever_a_gateway_says_of_the_caller() {
    VendHandler handler = handler(PASSWORD);
    assertThat(
            permissions(Events.answer(handler, Events.get(Map.of(), basic("ann", "right horse")))))
        .contains("ReadWrite");
    JsonNode plain =
        Events.answer(handler, claimed(Events.get(Map.of(), basic("bob", "grey mare"))));
    assertThat(permissions(plain)).contains("ReadOnly");
    assertThat(Events.body(plain).path("tokenId").asText()).isEqualTo("bob");
  }

  @Test
  void a_clock_that_is_an_hour_later_after_a_freeze_changes_nothing() {
    SettableClock clock = SettableClock.at(Instant.now());
    // Longer than the freezes together: the token service has a clock of its own.
    VendHandler handler = handler(OPEN + upstream.oidc() + "token: { ttl: 10h }\n", clock);
    String jwt = upstream.jwt("ann", clock.instant().getEpochSecond() + 8_000, "moderators");
    for (int hour = 0; hour < 3; hour++) {
      JsonNode member =
          Events.answer(handler, Events.get(Map.of(), Map.of("authorization", "Bearer " + jwt)));
      assertThat(permissions(member)).as(member.toString()).contains("ReadWrite");
      JsonNode guest = Events.answer(handler, Events.get(Map.of(), Map.of()));
      assertThat(permissions(guest)).as(guest.toString()).contains("ReadOnly");
      clock.advance(Duration.ofHours(1));
    }
    JsonNode late =
        Events.answer(handler, Events.get(Map.of(), Map.of("authorization", "Bearer " + jwt)));
    assertThat(late.path("statusCode").asInt()).as("the JWT has expired").isEqualTo(401);
  }

  static Stream<Map<String, String>> bad_credentials() {
    return Stream.of(
        Map.of(),
        basic("ann", "wrong horse"),
        basic("ann", ""),
        basic("", "right horse"),
        Map.of("authorization", "Bearer ann"),
        Map.of("username", "ann"),
        Map.of("username", "ann", "password", "wrong horse"));
  }

  @ParameterizedTest
  @MethodSource("bad_credentials")
  @Tag("T11")
  void nothing_that_a_handmade_event_says_of_a_caller_is_believed(Map<String, String> headers) {
    VendHandler handler = handler(PASSWORD);
    JsonNode answer = Events.answer(handler, claimed(Events.get(Map.of(), headers)));
    assertThat(answer.get("statusCode").asInt()).isEqualTo(401);
    assertThat(upstream.minted).hasValue(0);
  }

  @Test
  @Tag("T7")
  @Tag("T11")
  void guesses_of_an_invoker_are_slowed_whatever_address_it_writes() {
    VendHandler handler = handler(PASSWORD);
    int last = 0;
    for (int i = 1; i <= 60; i++) {
      ObjectNode event = Events.get(Map.of(), basic("ann", "guess " + i));
      ((ObjectNode) event.get("requestContext").get("identity")).put("sourceIp", "192.0.2." + i);
      last = Events.answer(handler, event).get("statusCode").asInt();
    }
    assertThat(last).isEqualTo(429);
    assertThat(upstream.minted).hasValue(0);
  }

  @ParameterizedTest
  @CsvSource({
    "2025-11-24T16:00:09.877Z, 2025-11-24T16:00:09.877Z",
    "2025-11-24T15:59:50Z, 2025-11-24T15:59:50.000Z",
    "2025-11-24T15:59:30Z, 2025-11-24T16:00:10.000Z",
    "2025-11-24T16:00:11Z, 2025-11-24T16:00:10.000Z",
    "2038-01-01T00:00:00Z, 2025-11-24T16:00:10.000Z",
    "1970-01-01T00:00:00Z, 2025-11-24T16:00:10.000Z",
  })
  @Tag("T11")
  void the_gateways_time_of_arrival_is_recorded_only_where_it_can_be(
      Instant said, String recorded) {
    Instant now = Instant.parse("2025-11-24T16:00:10Z");
    VendHandler handler = handler(PASSWORD, () -> now);
    ObjectNode event = Events.get(Map.of(), Map.of());
    ((ObjectNode) event.get("requestContext")).put("requestTimeEpoch", said.toEpochMilli());
    assertThat(Events.answer(handler, event).get("statusCode").asInt()).isEqualTo(401);
    assertThat(audited()).contains("\"time\":\"" + recorded + "\"");
  }

  @Test
  void a_time_of_arrival_that_is_none_is_ignored() {
    Instant now = Instant.parse("2025-11-24T16:00:10Z");
    VendHandler handler = handler(PASSWORD, () -> now);
    ObjectNode event = Events.get(Map.of(), Map.of());
    ((ObjectNode) event.get("requestContext")).put("requestTimeEpoch", "yesterday");
    assertThat(Events.answer(handler, event).get("statusCode").asInt()).isEqualTo(401);
    assertThat(audited()).contains("\"time\":\"2025-11-24T16:00:10.000Z\"");
  }

  private String audited() {
    return stdout
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains("NO_CREDENTIAL"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Tag("T1")
  @Tag("T11")
  void what_looks_like_a_claim_grants_nothing() {
    VendHandler handler = handler(OPEN + upstream.oidc());
    Map<String, String> forged =
        Map.of(
            "tvmSubject", "ann",
            "tvmGroups", "[\"moderators\"]",
            "usergroup", "moderators",
            "cachename", "other",
            "x-amzn-requestcontext", "{\"authorizer\":{\"tvmSubject\":\"ann\"}}");
    assertThat(permissions(Events.answer(handler, Events.get(Map.of(), forged))))
        .isEqualTo("[\"ReadOnly cache=chat\"]");
    // In the query they are parameters that nobody declared.
    JsonNode inTheQuery =
        Events.answer(handler, Events.get(Map.of("tvmGroups", "[\"moderators\"]"), Map.of()));
    assertThat(inTheQuery.get("statusCode").asInt()).isEqualTo(400);
  }

  @Test
  @Tag("T11")
  void a_guest_stays_a_guest_whatever_a_gateway_says_of_the_caller() {
    VendHandler handler = handler(OPEN + PASSWORD);
    JsonNode answer = Events.answer(handler, claimed(Events.get(Map.of(), Map.of())));
    assertThat(permissions(answer)).isEqualTo("[\"ReadOnly cache=chat\"]");
    assertThat(stdout.toString(StandardCharsets.UTF_8)).doesNotContain("\"ann\"");
  }

  @Test
  @Tag("T2")
  void a_JWT_is_verified_here_also_behind_a_gateway_that_did() {
    VendHandler handler = handler(upstream.oidc());
    ObjectNode good =
        Events.get(
            Map.of(), Map.of("authorization", "Bearer " + upstream.jwt("ann", "moderators")));
    JsonNode vended = Events.answer(handler, good);
    assertThat(vended.get("statusCode").asInt()).isEqualTo(200);
    assertThat(permissions(vended)).contains("ReadWrite");
    int before = upstream.minted.get();
    ObjectNode expired =
        Events.get(
            Map.of(), Map.of("authorization", "Bearer " + upstream.jwt("ann", 1_000_000_000L)));
    ((ObjectNode) expired.get("requestContext")).putObject("authorizer").put("principalId", "ann");
    assertThat(Events.answer(handler, expired).get("statusCode").asInt()).isEqualTo(401);
    assertThat(upstream.minted).hasValue(before);
  }

  @Test
  void a_base64_body_is_read() {
    VendHandler handler = handler(OPEN);
    ObjectNode event =
        Events.proxy(
            "POST",
            Map.of(),
            Map.of("Content-Type", List.of("application/json")),
            Base64.getEncoder()
                .encodeToString("{\"name\":\"Žofie\"}".getBytes(StandardCharsets.UTF_8)));
    event.put("isBase64Encoded", true);
    assertThat(Events.answer(handler, event).get("statusCode").asInt()).isEqualTo(200);
    event.put("body", "%%%");
    assertThat(Events.answer(handler, event).get("statusCode").asInt()).isEqualTo(400);
  }

  @Test
  void a_base_path_of_a_custom_domain_is_no_part_of_the_route() {
    ObjectNode event = Events.get(Map.of("name", "x"), Map.of());
    event.put("path", "/tokens/");
    assertThat(Events.answer(handler(OPEN), event).get("statusCode").asInt()).isEqualTo(200);
    event.put("resource", "/{proxy+}");
    event.putObject("pathParameters").put("proxy", "nowhere");
    assertThat(Events.answer(handler(OPEN), event).get("statusCode").asInt()).isEqualTo(404);
  }

  static Stream<Consumer<ObjectNode>> other_shapes() {
    return Stream.of(
        event -> event.put("version", "2.0"),
        event -> event.put("version", "1.0"),
        event -> event.remove("httpMethod"),
        event -> event.remove("requestContext"),
        event -> event.remove("resource"),
        event -> ((ObjectNode) event.get("requestContext")).remove("apiId"),
        event -> ((ObjectNode) event.get("requestContext")).put("apiId", "another"),
        event -> ((ObjectNode) event.get("requestContext")).put("stage", "test-invoke-stage"),
        event -> ((ObjectNode) event.get("requestContext")).remove("identity"),
        event ->
            ((ObjectNode) event.get("requestContext").get("identity"))
                .put("sourceIp", "test-invoke-source-ip"),
        event ->
            ((ObjectNode) event.get("requestContext").get("identity")).put("sourceIp", "999.0.2.7"),
        event ->
            ((ObjectNode) event.get("requestContext").get("identity")).put("sourceIp", "1:2:3"),
        event -> ((ObjectNode) event.get("multiValueHeaders")).putArray("a").addObject());
  }

  @ParameterizedTest
  @MethodSource("other_shapes")
  @Tag("T11")
  void an_event_of_another_shape_or_API_is_refused_in_words(Consumer<ObjectNode> change) {
    VendHandler handler = handler(OPEN);
    ObjectNode event = Events.get(Map.of(), Map.of());
    change.accept(event);
    assertThatThrownBy(() -> Events.answer(handler, event))
        .isInstanceOf(UnsupportedEvent.class)
        .hasMessageStartingWith("This function accepts ");
    assertThat(upstream.minted).hasValue(0);
  }

  @ParameterizedTest
  @EnumSource(Front.class)
  @Tag("T7")
  @Tag("T11")
  void each_function_answers_the_events_of_its_own_front_and_of_no_other(Front front) {
    upstream.secrets.put("users", "ann: { hash: \"%s\" }".formatted(hash("right horse")));
    Map<String, String> environment =
        upstream.deployed(
            folder,
            "authentication:\n" + PASSWORD + RULES + "aws: { front: " + front.word() + " }\n");
    if (front != Front.REST) {
      environment.put("TVM_STAGE", "$default");
    }
    if (front == Front.URL) {
      environment.remove("TVM_API_ID");
    }
    VendHandler handler =
        new VendHandler(
            environment, stdout, InstantSource.system(), SecretsAt.of(upstream.secrets));
    handler.connect(Duration.ofSeconds(30));
    for (Front sender : Front.values()) {
      Map<String, String> right = basic("ann", "right horse");
      if (sender != front) {
        assertThatThrownBy(() -> Events.answer(handler, event(sender, right)))
            .isInstanceOf(UnsupportedEvent.class);
        continue;
      }
      assertThat(status(handler, event(sender, right))).isEqualTo(200);
      int before = upstream.minted.get();
      assertThat(status(handler, event(sender, basic("ann", "wrong horse")))).isEqualTo(401);
      assertThat(status(handler, event(sender, Map.of()))).isEqualTo(401);
      assertThat(upstream.minted).hasValue(before);
    }
  }

  private static int status(VendHandler handler, JsonNode event) {
    return Events.answer(handler, event).get("statusCode").asInt();
  }

  private static ObjectNode event(Front sender, Map<String, String> headers) {
    return sender == Front.REST
        ? Events.get(Map.of(), headers)
        : Events.payload2(sender, "GET", List.of(), List.copyOf(headers.entrySet()), "");
  }

  static Stream<Consumer<ObjectNode>> other_shapes_of_payload_2() {
    return Stream.of(
        event -> event.put("version", "3.0"),
        event -> event.remove("rawPath"),
        event -> event.remove("requestContext"),
        event -> ((ObjectNode) event.get("requestContext")).remove("apiId"),
        event -> ((ObjectNode) event.get("requestContext")).put("apiId", "another"),
        event -> ((ObjectNode) event.get("requestContext")).put("stage", "dev"),
        event -> ((ObjectNode) event.at("/requestContext/http")).remove("sourceIp"),
        event -> ((ObjectNode) event.at("/requestContext/http")).put("sourceIp", "999.0.2.7"),
        event -> ((ObjectNode) event.get("headers")).putObject("a"));
  }

  @ParameterizedTest
  @MethodSource("other_shapes_of_payload_2")
  @Tag("T11")
  void an_event_of_payload_2_of_another_shape_is_refused(Consumer<ObjectNode> change) {
    Map<String, String> environment =
        upstream.deployed(folder, "authentication:\n" + OPEN + RULES + "aws: { front: http }\n");
    environment.put("TVM_STAGE", "$default");
    VendHandler handler =
        new VendHandler(
            environment, stdout, InstantSource.system(), SecretsAt.of(upstream.secrets));
    ObjectNode event = event(Front.HTTP, Map.of());
    change.accept(event);
    assertThatThrownBy(() -> Events.answer(handler, event)).isInstanceOf(UnsupportedEvent.class);
    assertThat(upstream.minted).hasValue(0);
  }

  @Test
  @Tag("T11")
  void without_its_APIs_name_nothing_is_answered() {
    Map<String, String> environment = upstream.deployed(folder, "authentication:\n" + OPEN + RULES);
    environment.remove("TVM_API_ID");
    VendHandler handler =
        new VendHandler(
            environment, stdout, InstantSource.system(), SecretsAt.of(upstream.secrets));
    assertThatThrownBy(() -> Events.answer(handler, Events.get(Map.of(), Map.of())))
        .isInstanceOf(UnsupportedEvent.class);
    assertThat(upstream.minted).hasValue(0);
  }

  @Test
  @Tag("T15")
  void every_line_on_standard_output_is_one_JSON_object_and_holds_no_credential() {
    VendHandler handler = handler(upstream.oidc());
    String jwt = upstream.jwt("ann");
    JsonNode answer =
        Events.answer(handler, Events.get(Map.of(), Map.of("authorization", "Bearer " + jwt)));
    Events.answer(handler, Events.get(Map.of(), Map.of("authorization", "Bearer " + jwt + "x")));
    List<String> lines = stdout.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSizeGreaterThanOrEqualTo(2).allMatch(VendHandlerTest::isObject);
    assertThat(stdout.toString(StandardCharsets.UTF_8))
        .contains(answer.path("multiValueHeaders").path("x-request-id").path(0).asText())
        .doesNotContain(jwt)
        .doesNotContain(Events.body(answer).path("authToken").asText())
        .doesNotContain(upstream.secrets.get("momento-key"));
  }

  private static boolean isObject(String line) {
    try {
      return Events.JSON.readTree(line).isObject();
    } catch (java.io.IOException e) {
      return false;
    }
  }

  @Test
  @Tag("T4")
  void a_snapshot_holds_no_key_and_no_connection_and_a_restored_process_starts_afresh()
      throws Exception {
    Set<Thread> others = connectionThreads();
    VendHandler handler = handler(OPEN);
    String before = id(handler);
    assertThat(connectionThreads()).hasSizeGreaterThan(others.size());
    handler.beforeCheckpoint(org.crac.Core.getGlobalContext());
    assertThat(others).containsAll(connectionThreads());
    // Another key while the process was frozen: the old one is not remembered.
    String key = upstream.secrets.put("momento-key", "no key any more");
    handler.afterRestore(org.crac.Core.getGlobalContext());
    JsonNode refused = Events.answer(handler, Events.get(Map.of(), Map.of()));
    assertThat(refused.get("statusCode").asInt()).isEqualTo(503);
    handler.beforeCheckpoint(org.crac.Core.getGlobalContext());
    upstream.secrets.put("momento-key", key);
    handler.afterRestore(org.crac.Core.getGlobalContext());
    Set<String> ids = new HashSet<>(List.of(before, id(handler)));
    // Two processes from one snapshot: the same hook runs in both.
    handler.beforeCheckpoint(org.crac.Core.getGlobalContext());
    handler.afterRestore(org.crac.Core.getGlobalContext());
    ids.add(id(handler));
    assertThat(ids).hasSize(3);
  }

  @Test
  void a_snapshot_writes_no_audit_line() throws Exception {
    VendHandler handler = handler(OPEN);
    handler.beforeCheckpoint(org.crac.Core.getGlobalContext());
    assertThat(stdout.toString(StandardCharsets.UTF_8)).doesNotContain("requestId");
  }

  @Test
  void the_gateways_request_id_is_in_the_audit_log_and_in_the_answer() {
    JsonNode answer = Events.answer(handler(OPEN), Events.get(Map.of(), Map.of()));
    String id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
    assertThat(answer.path("multiValueHeaders").path("x-request-id").path(0).asText())
        .isEqualTo(id);
    assertThat(stdout.toString(StandardCharsets.UTF_8)).contains("\"requestId\":\"" + id + "\"");
  }

  @Test
  void the_trace_of_the_request_is_in_the_audit_log_and_not_in_the_answer() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    JsonNode answer =
        Events.answer(
            handler(OPEN),
            Events.get(Map.of(), Map.of("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")));
    assertThat(answer.get("statusCode").asInt()).isEqualTo(200);
    assertThat(answer.toString()).doesNotContain(trace);
    assertThat(stdout.toString(StandardCharsets.UTF_8)).contains("\"traceId\":\"" + trace + "\"");
  }

  @Test
  void a_token_without_a_scheme_counts_here_as_at_the_gateways_own_check() {
    VendHandler handler = handler(upstream.oidc());
    JsonNode answer =
        Events.answer(handler, Events.get(Map.of(), Map.of("authorization", upstream.jwt("ann"))));
    assertThat(answer.get("statusCode").asInt()).isEqualTo(200);
  }

  @Test
  void a_health_check_names_the_secret_that_cannot_be_read() {
    ObjectNode event = Events.JSON.createObjectNode().put("health", true);
    VendHandler handler = handler(PASSWORD);
    assertThat(Events.answer(handler, event).get("ready").asBoolean()).isTrue();
    JsonNode missing =
        Events.answer(handler(PASSWORD.replace("secret:users", "secret:others")), event);
    assertThat(missing.get("ready").asBoolean()).isFalse();
    assertThat(missing.get("problem").asText()).contains("no such secret");
    assertThat(Events.answer(handler(upstream.oidc()), event).get("ready").asBoolean()).isTrue();
  }

  private static Set<Thread> connectionThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().startsWith("token-service"));
    return threads;
  }

  private static String id(VendHandler handler) {
    ObjectNode event = Events.get(Map.of(), Map.of());
    ((ObjectNode) event.get("requestContext")).remove("requestId");
    JsonNode answer = Events.answer(handler, event);
    assertThat(answer.get("statusCode").asInt()).isEqualTo(200);
    return answer.path("multiValueHeaders").path("x-request-id").path(0).asText();
  }
}

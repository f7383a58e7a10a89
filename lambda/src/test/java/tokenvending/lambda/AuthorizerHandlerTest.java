package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.authentication.Argon2Hash;
import tokenvending.secret.Secret;
import tokenvending.testing.SettableClock;

final class AuthorizerHandlerTest {
  private static final String RULES =
      """
      rules:
        - id: everybody
          permissions:
            - { role: ReadOnly, cache: chat }
      cors: { allow-origins: ["https://chat.example.com"] }
      """;

  private static final String PASSWORD = "  - password: { users: \"aws-secret:users\" }\n";
  private static final String OPEN = "  - open: {}\n";

  @TempDir private Path folder;
  private final Upstream upstream = new Upstream();
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();

  @AfterEach
  void stop() {
    upstream.close();
  }

  private AuthorizerHandler handler(String methods) {
    return handler(methods, InstantSource.system());
  }

  private AuthorizerHandler handler(String methods, InstantSource clock) {
    upstream.secrets.put(
        "users",
        "ann: { hash: \"%s\", groups: [moderators, \"a \\\"b\\\"\"] }\n"
            .formatted(hash("right horse")));
    return new AuthorizerHandler(
        upstream.deployed(folder, "authentication:\n" + methods + RULES),
        stdout,
        clock,
        new SecureRandom(),
        SecretsAt.of(upstream.secrets));
  }

  private static String hash(String password) {
    return Argon2Hash.of(Secret.of(password), new SecureRandom()).text();
  }

  private static Map<String, String> basic(String user, String password) {
    return Map.of(
        "Authorization",
        "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8)));
  }

  @Test
  @Tag("T11")
  void the_right_password_opens_the_whole_stage_and_says_nothing_of_the_caller() {
    JsonNode answer =
        Events.answer(handler(PASSWORD), Events.authorize(basic("ann", "right horse")));
    assertThat(answer.path("principalId").asText()).isEqualTo("ann");
    JsonNode statement = answer.path("policyDocument").path("Statement").path(0);
    assertThat(statement.path("Effect").asText()).isEqualTo("Allow");
    assertThat(statement.path("Action").asText()).isEqualTo("execute-api:Invoke");
    assertThat(statement.path("Resource").asText())
        .isEqualTo("arn:aws:execute-api:us-west-2:123456789012:a1b2c3d4e5/prod/*");
    assertThat(answer.has("context")).isFalse();
  }

  @Test
  void the_two_headers_serve_as_well() {
    JsonNode answer =
        Events.answer(
            handler(PASSWORD),
            Events.authorize(Map.of("username", "ann", "password", "right horse")));
    assertThat(answer.path("principalId").asText()).isEqualTo("ann");
  }

  @Test
  @Tag("T7")
  void a_wrong_password_an_unknown_user_and_no_credential_are_unauthorized_and_on_record() {
    AuthorizerHandler handler = handler(PASSWORD);
    for (Map<String, String> headers :
        List.of(
            basic("ann", "wrong horse"),
            basic("bob", "right horse"),
            Map.<String, String>of(),
            Map.of("Authorization", "Basic %%%"),
            Map.of("username", "ann"))) {
      assertDenied(Events.answer(handler, Events.authorize(headers)));
    }
    String said = stdout.toString(UTF_8);
    assertThat(said.lines()).hasSizeGreaterThanOrEqualTo(5);
    assertThat(said).contains("WRONG_PASSWORD", "NO_CREDENTIAL").doesNotContain("horse", "YW5uO");
  }

  @Test
  @Tag("T2")
  void a_JWT_is_let_through_or_turned_away_and_nothing_is_said_of_it_to_the_function() {
    AuthorizerHandler handler = handler(upstream.oidc());
    String jwt = upstream.jwt("ann", "moderators");
    JsonNode answer =
        Events.answer(handler, Events.authorize(Map.of("Authorization", "Bearer " + jwt)));
    assertThat(answer.has("context")).isFalse();
    for (String bad : List.of(jwt + "x", "abc", upstream.jwt("ann", 1_000_000_000L))) {
      assertDenied(
          Events.answer(handler, Events.authorize(Map.of("Authorization", "Bearer " + bad))));
    }
    assertThat(stdout.toString(UTF_8)).doesNotContain(jwt);
  }

  @Test
  void guests_pass_where_the_door_is_open_and_bad_credentials_do_not() {
    AuthorizerHandler handler = handler(PASSWORD + OPEN);
    JsonNode guest = Events.answer(handler, Events.authorize(Map.of()));
    assertThat(guest.path("principalId").asText()).isEqualTo("anonymous");
    assertThat(guest.has("context")).isFalse();
    assertDenied(Events.answer(handler, Events.authorize(basic("ann", "wrong horse"))));
  }

  @Test
  void users_out_of_reach_are_left_to_the_vend_function() {
    AuthorizerHandler handler = handler(PASSWORD);
    upstream.secrets.remove("users");
    JsonNode answer = Events.answer(handler, Events.authorize(basic("ann", "right horse")));
    assertThat(effect(answer)).isEqualTo("Allow");
    assertThat(answer.path("principalId").asText()).isEqualTo("anonymous");
  }

  @Test
  @Tag("T7")
  void guesses_that_come_too_fast_are_429_at_the_vend_function_even_with_the_right_password() {
    AuthorizerHandler handler = handler(PASSWORD);
    for (int i = 0; i < 60; i++) {
      var _ = Events.answer(handler, Events.authorize(basic("ann", "guess " + i)));
    }
    JsonNode answer = Events.answer(handler, Events.authorize(basic("ann", "right horse")));
    assertThat(answer.path("principalId").asText()).isEqualTo("anonymous");
    int retryAfter = answer.path("context").path("retryAfter").asInt();
    assertThat(retryAfter).isPositive();

    VendHandler vend =
        new VendHandler(
            upstream.deployed(folder, "authentication:\n" + PASSWORD + RULES),
            stdout,
            InstantSource.system(),
            SecretsAt.of(upstream.secrets));
    ObjectNode event = Events.get(Map.of(), basic("ann", "right horse"));
    ((ObjectNode) event.get("requestContext")).set("authorizer", answer.get("context"));
    JsonNode refused = Events.answer(vend, event);
    assertThat(refused.path("statusCode").asInt()).isEqualTo(429);
    assertThat(refused.path("multiValueHeaders").path("retry-after").path(0).asInt())
        .isEqualTo(retryAfter);
    assertThat(upstream.minted).hasValue(0);
  }

  @Test
  void a_clock_that_is_an_hour_later_after_a_freeze_changes_nothing() {
    SettableClock clock = SettableClock.at(Instant.now());
    AuthorizerHandler handler = handler(OPEN + upstream.oidc(), clock);
    String jwt = upstream.jwt("ann", clock.instant().getEpochSecond() + 8_000);
    for (int hour = 0; hour < 3; hour++) {
      JsonNode member =
          Events.answer(handler, Events.authorize(Map.of("Authorization", "Bearer " + jwt)));
      assertThat(member.path("principalId").asText()).isEqualTo("ann");
      assertThat(effect(Events.answer(handler, Events.authorize(Map.of())))).isEqualTo("Allow");
      clock.advance(Duration.ofHours(1));
    }
  }

  private static String effect(JsonNode answer) {
    return answer.path("policyDocument").path("Statement").path(0).path("Effect").asText();
  }

  private static void assertDenied(JsonNode answer) {
    assertThat(effect(answer)).isEqualTo("Deny");
    assertThat(answer.path("principalId").asText()).isEqualTo("anonymous");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "TOKEN"})
  @Tag("T11")
  void another_kind_of_event_is_refused_in_words(String type) {
    AuthorizerHandler handler = handler(PASSWORD);
    ObjectNode event = Events.authorize(basic("ann", "right horse"));
    event.put("type", type);
    assertThatThrownBy(() -> Events.answer(handler, event)).isInstanceOf(UnsupportedEvent.class);
  }

  @Test
  @Tag("T12")
  void an_ARN_of_another_API_gets_no_policy() {
    AuthorizerHandler handler = handler(PASSWORD);
    ObjectNode event = Events.authorize(basic("ann", "right horse"));
    event.put("methodArn", "arn:aws:execute-api:us-west-2:123456789012:other/prod/GET/");
    assertThatThrownBy(() -> Events.answer(handler, event)).isInstanceOf(UnsupportedEvent.class);
  }

  @Test
  void a_snapshot_holds_no_users_and_a_restored_process_reads_them_anew() throws Exception {
    AuthorizerHandler handler = handler(PASSWORD);
    Events.answer(handler, Events.authorize(basic("ann", "right horse")));
    handler.beforeCheckpoint(org.crac.Core.getGlobalContext());
    upstream.secrets.put("users", "ann: { hash: \"%s\" }\n".formatted(hash("another horse")));
    handler.afterRestore(org.crac.Core.getGlobalContext());
    assertDenied(Events.answer(handler, Events.authorize(basic("ann", "right horse"))));
    assertThat(
            Events.answer(handler, Events.authorize(basic("ann", "another horse")))
                .path("principalId")
                .asText())
        .isEqualTo("ann");
  }
}

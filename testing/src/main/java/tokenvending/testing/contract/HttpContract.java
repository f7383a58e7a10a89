package tokenvending.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.testing.contract.ContractExchange.Answer;

/**
 * The HTTP contract of the vend route. A test class implements it with a transport that sends
 * requests under {@link #POLICY}, and counts the tokens that were requested upstream.
 */
public interface HttpContract {
  /** A policy with one rule for every caller, one parameter, and one allowed origin. */
  String POLICY =
      """
      token: { ttl: 15m }
      authentication:
        - open: {}
      parameters:
        name: { max-length: 64, required: false }
      rules:
        - id: everybody
          token-id: "${request.name}"
          permissions:
            - { role: ReadOnly, cache: chat }
      cors: { allow-origins: ["https://chat.example.com"] }
      """;

  String PAGE = "https://chat.example.com";

  Answer send(ContractExchange exchange);

  int minted();

  /** The form of request ids: ours, unless a gateway assigns them. */
  default String requestIds() {
    return "[0-9a-f]{32}";
  }

  /** The name under which clients of this transport receive {@code WWW-Authenticate}. */
  default String challengeHeader() {
    return "www-authenticate";
  }

  @Test
  default void GET_and_POST_vend() {
    int before = minted();
    Answer get = send(ContractExchange.get().asking("name", "Taylor"));
    Answer post =
        send(ContractExchange.post("application/json", "{\"name\":\"Taylor\",\"ttl\":700}"));
    for (Answer answer : List.of(get, post)) {
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("content-type")).isEqualTo("application/json");
      assertThat(answer.body())
          .contains("\"authToken\":", "\"tokenId\":\"Taylor\"", "\"expiresAt\":")
          .contains("\"permissions\":[\"ReadOnly cache=chat\"]");
      headersOfEveryAnswer(answer, true);
    }
    assertThat(minted()).isEqualTo(before + 2);
  }

  @Test
  default void POST_without_a_body_vends_as_GET_without_a_query_does() {
    assertThat(send(ContractExchange.get()).status()).isEqualTo(200);
    assertThat(send(ContractExchange.of("POST")).status()).isEqualTo(200);
  }

  @Test
  default void names_in_other_scripts_come_through() {
    Answer answer = send(ContractExchange.get().asking("name", "Žofie 山田 & co"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains("\"tokenId\":\"Žofie 山田 & co\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour|red",
        "ttl|never",
        "name|''",
        "name|'a\r\nb'",
        "name|\u202e",
        "permission|Everything",
        "usergroup|admin",
        "cachename|chat",
        "authToken|x",
      })
  default void a_malformed_parameter_is_400(String name, String value) {
    refused(ContractExchange.get().asking(name, value), 400);
  }

  @Test
  default void a_repeated_parameter_is_400() {
    refused(ContractExchange.get().asking("name", "a").asking("name", "b"), 400);
    refused(ContractExchange.get().asking("name", "a").asking("name", "a"), 400);
    refused(ContractExchange.get().asking("ttl", "60").asking("ttl", "60"), 400);
    refused(
        ContractExchange.get()
            .asking("permission", "ReadOnly cache=chat")
            .asking("permission", "ReadOnly cache=chat"),
        400);
  }

  @Test
  default void a_value_of_65_characters_is_400_and_of_64_is_not() {
    refused(ContractExchange.get().asking("name", "a".repeat(65)), 400);
    assertThat(send(ContractExchange.get().asking("name", "a".repeat(64))).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"colour\":\"red\"}",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"name\":7}",
        "{\"name\":null}",
        "{\"name\":[\"a\"]}",
        "{\"name\":{\"a\":\"b\"}}",
        "{\"name\":\"a\u0000\"}",
        "{\"ttl\":1.5}",
        "{\"permission\":[]}",
        "[\"name\"]",
        "\"name\"",
        "{} x",
        "null",
        "{",
        "{}{}",
        "{\"name\":\"\\ud800\"}",
      })
  default void a_malformed_body_is_400(String body) {
    refused(ContractExchange.post("application/json", body), 400);
  }

  @Test
  default void parameters_in_the_query_of_a_POST_are_400() {
    refused(ContractExchange.of("POST").asking("name", "a"), 400);
  }

  @Test
  default void two_credentials_in_one_request_are_400() {
    refused(
        ContractExchange.get()
            .with("authorization", "Bearer a")
            .with("username", "ann")
            .with("password", "x"),
        400);
    refused(
        ContractExchange.get().with("authorization", "Bearer a").with("authorization", "Bearer a"),
        400);
    refused(
        ContractExchange.get()
            .with("username", "ann")
            .with("username", "bob")
            .with("password", "x"),
        400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer abc.def.ghi", "Bearer", "Basic YW5uOnB3", "Digest x"})
  default void a_credential_that_is_no_good_is_401_and_never_the_open_door(String value) {
    refused(ContractExchange.get().with("authorization", value), 401);
    refused(ContractExchange.get().with("username", "ann").with("password", "pw"), 401);
    refused(ContractExchange.get().with("username", "ann"), 401);
    refused(ContractExchange.get().with("password", "pw"), 401);
  }

  @Test
  default void more_than_the_rule_allows_is_403() {
    refused(ContractExchange.get().asking("permission", "ReadWrite cache=chat"), 403);
    refused(ContractExchange.get().asking("permission", "ReadOnly cache=other"), 403);
    refused(ContractExchange.get().asking("ttl", "16m"), 403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "PATCH"})
  default void another_method_is_405_and_says_which_are_allowed(String method) {
    Answer answer = refused(ContractExchange.of(method), 405);
    assertThat(answer.header("allow")).isEqualTo("GET, POST, OPTIONS");
  }

  @Test
  default void a_body_over_16_KiB_is_413() {
    refused(ContractExchange.post("application/json", " ".repeat(16 * 1024 + 1)), 413);
  }

  @Test
  default void another_kind_of_body_is_415() {
    refused(ContractExchange.post("text/plain", "{}"), 415);
    refused(ContractExchange.post("application/x-www-form-urlencoded", "name=a"), 415);
    refused(ContractExchange.post("application/json; charset=utf-16", "{}"), 415);
    refused(new ContractExchange("POST", List.of(), List.of(), "{}"), 415);
  }

  @Test
  default void a_listed_page_may_read_every_answer() {
    for (ContractExchange exchange :
        List.of(
            ContractExchange.get(),
            ContractExchange.get().asking("colour", "red"),
            ContractExchange.of("DELETE"),
            ContractExchange.post("application/json", " ".repeat(16 * 1024 + 1)))) {
      Answer answer = send(exchange.with("origin", PAGE));
      assertThat(answer.header("access-control-allow-origin")).isEqualTo(PAGE);
      assertThat(answer.header("access-control-expose-headers")).contains("Retry-After");
      assertThat(answer.all("access-control-allow-credentials")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "https://chat.example.com.evil.example",
        "https://evil-chat.example.com",
        "https://chat.example.com:8443",
        "http://chat.example.com",
        "https://CHAT.example.com",
        "https://chat.example.com/",
        "*",
        "http://localhost:3000",
      })
  default void no_other_page_may_read_any_answer(String origin) {
    for (ContractExchange exchange :
        List.of(ContractExchange.get(), ContractExchange.get().asking("colour", "red"))) {
      Answer answer = send(exchange.with("origin", origin));
      assertThat(answer.headers())
          .noneMatch(header -> header.getKey().startsWith("access-control-"));
      assertThat(answer.header("vary")).isEqualTo("Origin");
    }
  }

  @Test
  default void a_preflight_never_vends() {
    int before = minted();
    Answer allowed =
        send(
            ContractExchange.of("OPTIONS")
                .asking("name", "a")
                .with("origin", PAGE)
                .with("access-control-request-method", "POST")
                .with("access-control-request-headers", "authorization"));
    assertThat(allowed.status()).isEqualTo(204);
    assertThat(allowed.body()).isEmpty();
    assertThat(allowed.header("access-control-allow-origin")).isEqualTo(PAGE);
    assertThat(allowed.header("access-control-allow-methods")).isEqualTo("GET, POST");
    assertThat(allowed.header("access-control-allow-headers")).contains("authorization");
    Answer other = send(ContractExchange.of("OPTIONS").with("origin", "https://evil.example"));
    assertThat(other.status()).isEqualTo(204);
    assertThat(other.headers()).noneMatch(header -> header.getKey().startsWith("access-control-"));
    assertThat(minted()).isEqualTo(before);
  }

  @Test
  default void request_ids_are_ours_and_never_repeat() {
    Set<String> ids = new TreeSet<>();
    for (int i = 0; i < 20; i++) {
      ids.add(send(ContractExchange.of("PUT").with("x-request-id", "mine")).header("x-request-id"));
    }
    assertThat(ids).hasSize(20).allMatch(id -> id.matches(requestIds()));
  }

  /** Checks that the request is rejected with the constant document, and nothing is minted. */
  private Answer refused(ContractExchange exchange, int status) {
    int before = minted();
    Answer answer = send(exchange);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.body())
        .contains("\"instance\":\"" + answer.header("x-request-id") + "\"")
        .contains("\"status\":" + status)
        .startsWith("{\"type\":\"urn:problem-type:tokenvending:");
    headersOfEveryAnswer(answer, true);
    if (status == 401) {
      assertThat(answer.all(challengeHeader())).isNotEmpty();
    }
    assertThat(minted()).isEqualTo(before);
    return answer;
  }

  private void headersOfEveryAnswer(Answer answer, boolean withBody) {
    assertThat(answer.header("x-request-id")).matches(requestIds());
    assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("vary")).isEqualTo("Origin");
    assertThat(answer.all("content-type")).hasSize(withBody ? 1 : 0);
  }
}

package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What of the HTTP contract only a socket can show; the rest is in {@link ContractOverSocketTest}.
 */
final class ContractTest {
  private static final String PAGE = "https://chat.example.com";

  @TempDir private static Path folder;
  private static Vendor vendor;

  @BeforeAll
  static void start() {
    vendor = Vendor.start(folder, Vendor.OPEN);
  }

  @AfterAll
  static void stop() {
    vendor.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/?colour=red",
        "/?name=a&name=b",
        "/?name=a&name=a",
        "/?ttl=60&ttl=60",
        "/?ttl=never",
        "/?name=",
        "/?name=%00",
        "/?name=a%0d%0ab",
        "/?name=%e2%80%ae",
        "/?name=%ff",
        "/?name=%2",
        "/?name=%zz",
        "/?permission=Everything",
        "/?permission=ReadOnly+cache%3Dchat&permission=ReadOnly+cache%3Dchat",
        "/?usergroup=admin",
        "/?cachename=chat",
        "/?authToken=x",
      })
  void malformed_input_is_400(String target) {
    refused(get(target), 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/../a", "%2F..%2Fa", "..", "a/..", "..;/x", "%2e%2e%2f"})
  void a_value_with_two_dots_is_a_value_like_others(String value) {
    Answer answer = vendor.ask(get("/?name=" + value));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains("\"tokenId\":\"" + URLDecoder.decode(value, UTF_8) + "\"");
  }

  @ParameterizedTest
  @Tag("T10")
  @ValueSource(
      strings = {
        "//",
        "/;a=b",
        "/;",
        "/%2f",
        "/%2F",
        "/.",
        "/./",
        "/..",
        "/../",
        "/x/..",
        "/x/../",
        "/%2e",
        "/%00",
        "/index.html",
        "/\\",
        "/HEALTHZ",
        "/healthz/",
        "/readyz;x",
        "/metrics",
        "/favicon.ico",
        "/?/x/../..//",
        "/*"
      })
  void T10_only_the_path_itself_vends(String target) {
    int before = vendor.minted();
    Answer answer = vendor.ask(get(target));
    if (target.startsWith("/?")) {
      assertThat(answer.status()).isEqualTo(400);
    } else {
      assertThat(answer.status()).isIn(400, 404);
    }
    isConstant(answer);
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  @Tag("T10")
  void T10_other_forms_of_a_request_target_are_nothing_special() {
    for (String target : List.of("*", "x", "https://user@x/%2f", "http://localhost//")) {
      int before = vendor.minted();
      Answer answer = vendor.ask(request("GET", target, ""));
      assertThat(answer.status()).as(target).isIn(400, 404);
      isConstant(answer);
      assertThat(vendor.minted()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "X"})
  void another_method_is_405_and_says_which_are_allowed(String method) {
    Answer answer = refused(request(method, "/", ""), 405);
    assertThat(answer.header("allow")).isEqualTo("GET, POST, OPTIONS");
    assertThat(answer.body()).doesNotContain("Host");
  }

  @Test
  void HEAD_is_405_without_a_body() {
    int before = vendor.minted();
    try (Wire wire = Wire.to(vendor.port())) {
      Answer answer = wire.send(request("HEAD", "/", "")).answer(false);
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("allow")).isEqualTo("GET, POST, OPTIONS");
      assertThat(wire.send(get("/healthz")).answer().body()).isEqualTo("ok\n");
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  void probes_take_GET_and_HEAD_only() {
    for (String path : List.of("/healthz", "/readyz")) {
      Answer answer = refused(request("POST", path, "Content-Length: 0\r\n"), 405);
      assertThat(answer.header("allow")).isEqualTo("GET, HEAD");
      Answer good = vendor.ask(get(path));
      assertThat(good.status()).isEqualTo(200);
      assertThat(good.body()).isEqualTo("ok\n");
      headersOfEveryAnswer(good, true);
    }
  }

  @Test
  void what_is_too_large_is_413_or_431() {
    refused(post("application/json", " ".repeat(16 * 1024 + 1)), 413);
    refused(request("GET", "/", "Content-Length: 2\r\n") + "{}", 413);
    refused(get("/?name=" + "a".repeat(5_000)), 431);
    refused(request("GET", "/", "X: " + "a".repeat(9_000) + "\r\n"), 431);
    refused(request("GET", "/", "X: " + "a".repeat(30_000) + "\r\n"), 431);
    refused(request("GET", "/", "a: b\r\n".repeat(6_000)), 431);
  }

  @Test
  void an_expectation_that_nobody_meets_is_400() {
    refused(request("GET", "/", "Expect: the moon\r\n"), 400);
  }

  @Test
  @Tag("T13")
  void T13_a_listed_page_may_read_every_answer() {
    for (String request :
        List.of(
            get("/"),
            get("/?colour=red"),
            get("/nowhere"),
            get("/healthz"),
            request("DELETE", "/", ""),
            request("CONNECT", "/", ""),
            post("application/json", " ".repeat(16 * 1024 + 1)))) {
      isReadable(vendor.ask(request.replaceFirst("\r\n", "\r\nOrigin: " + PAGE + "\r\n")));
    }
  }

  @Test
  @Tag("T13")
  void T13_a_listed_page_may_read_an_answer_to_what_could_not_be_read() {
    String origin = "origin:  " + PAGE + " \r\n";
    for (String large : List.of("X: " + "a".repeat(9_000) + "\r\n", "a: b\r\n".repeat(3_000))) {
      isReadable(refused(request("GET", "/", origin + large), 431));
      isReadable(refused(request("GET", "/", large + origin), 431));
    }
    isReadable(refused(request("GET", "/", origin + "X: " + "a".repeat(30_000) + "\r\n"), 431));
    isReadable(refused(request("GET", "/?name=" + "a".repeat(5_000), origin), 431));
    isReadable(refused(request("GET", "/", origin + "Expect: the moon\r\n"), 400));
    isReadable(refused(request("GET", "/", "Host: twice\r\n" + origin), 400));
    Answer other =
        refused(
            request("GET", "/", "Origin: https://evil.example\r\nX: " + "a".repeat(9_000) + "\r\n"),
            431);
    assertThat(other.headers()).noneMatch(line -> line.startsWith("access-control-"));
  }

  private static void isReadable(Answer answer) {
    assertThat(answer.header("access-control-allow-origin")).isEqualTo(PAGE);
    assertThat(answer.header("access-control-expose-headers")).contains("Retry-After");
    assertThat(answer.all("access-control-allow-credentials")).isEmpty();
  }

  @ParameterizedTest
  @Tag("T13")
  @ValueSource(
      strings = {
        "null",
        "https://evil-chat.example.com",
      })
  void T13_no_other_page_may_read_any_answer(String origin) {
    Answer nowhere = vendor.ask(request("GET", "/nowhere", "Origin: " + origin + "\r\n"));
    assertThat(nowhere.headers()).noneMatch(line -> line.startsWith("access-control-"));
    assertThat(nowhere.header("vary")).isEqualTo("Origin");
    Answer twice =
        vendor.ask(request("GET", "/", "Origin: " + PAGE + "\r\nOrigin: " + origin + "\r\n"));
    assertThat(twice.headers()).noneMatch(line -> line.startsWith("access-control-"));
  }

  @Test
  @Tag("T13")
  void T13_a_preflight_never_vends() {
    int before = vendor.minted();
    int recorded = vendor.audit().size();
    String asked =
        """
        Access-Control-Request-Method: POST\r
        Access-Control-Request-Headers: authorization,traceparent,x-requested-with\r
        """;
    Answer allowed = vendor.ask(request("OPTIONS", "/?name=a", "Origin: " + PAGE + "\r\n" + asked));
    assertThat(allowed.status()).isEqualTo(204);
    assertThat(allowed.body()).isEmpty();
    assertThat(allowed.header("access-control-allow-origin")).isEqualTo(PAGE);
    assertThat(allowed.header("access-control-allow-methods")).isEqualTo("GET, POST");
    assertThat(allowed.header("access-control-allow-headers"))
        .contains("authorization", "traceparent", "x-requested-with");
    headersOfEveryAnswer(allowed, false);
    Answer other = vendor.ask(request("OPTIONS", "/", "Origin: https://evil.example\r\n" + asked));
    assertThat(other.status()).isEqualTo(204);
    assertThat(other.headers()).noneMatch(line -> line.startsWith("access-control-"));
    assertThat(vendor.minted()).isEqualTo(before);
    assertThat(vendor.audit()).hasSize(recorded);
  }

  @Test
  void the_front_page_is_never_HTML() {
    Answer answer = vendor.ask(request("GET", "/", "Accept: text/html\r\n"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("content-type")).isEqualTo("application/json");
  }

  @Test
  void what_was_decided_is_on_record_under_the_id_of_the_answer() {
    Answer good = vendor.ask(get("/?name=Recorded"));
    Answer bad = vendor.ask(request("GET", "/", "Authorization: Bearer x.y.z\r\n"));
    assertThat(vendor.audit())
        .anyMatch(line -> line.contains(good.header("x-request-id")) && line.contains("Recorded"))
        .anyMatch(line -> line.contains(bad.header("x-request-id")));
  }

  @ParameterizedTest
  @CsvSource({"HTTP_1_1", "HTTP_2"})
  void both_versions_of_HTTP_answer_alike(HttpClient.Version version)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().version(version).build()) {
      URI uri = URI.create("http://127.0.0.1:" + vendor.port() + "/");
      for (int i = 0; i < 2; i++) {
        HttpResponse<String> vended =
            client.send(
                HttpRequest.newBuilder(uri)
                    .header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"x\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(vended.statusCode()).isEqualTo(200);
        assertThat(vended.version()).isEqualTo(version);
      }
      int before = vendor.minted();
      HttpResponse<String> refused =
          client.send(
              HttpRequest.newBuilder(uri).DELETE().build(), HttpResponse.BodyHandlers.ofString());
      assertThat(refused.statusCode()).isEqualTo(405);
      assertThat(refused.headers().firstValue("allow")).contains("GET, POST, OPTIONS");
      HttpResponse<String> huge =
          answerToTooMuch(
              client,
              HttpRequest.newBuilder(uri)
                  .header("content-type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(" ".repeat(17_000)))
                  .build());
      assertThat(huge.statusCode()).isEqualTo(413);
      assertThat(ErrorBodies.ALL).contains(ErrorBodies.constant(huge.body()));
      assertThat(vendor.minted()).isEqualTo(before);
    }
  }

  /**
   * The rest of a body that is too large is not read, and its HTTP/2 stream is reset behind the
   * answer. The JDK's client forgets the answer where that finds it still sending: then again.
   */
  private static HttpResponse<String> answerToTooMuch(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
      } catch (IOException e) {
        if (tries == 10 || !String.valueOf(e.getMessage()).contains("RST_STREAM")) {
          throw e;
        }
      }
    }
  }

  /** Refused, in the constant form, on record, and nothing minted. */
  private static Answer refused(String request, int status) {
    int before = vendor.minted();
    Answer answer = vendor.ask(request);
    assertThat(answer.status()).as(request.lines().findFirst().orElse("")).isEqualTo(status);
    isConstant(answer);
    headersOfEveryAnswer(answer, true);
    if (status == 401) {
      assertThat(answer.all("www-authenticate")).isNotEmpty();
    }
    assertThat(vendor.minted()).isEqualTo(before);
    return answer;
  }

  private static void isConstant(Answer answer) {
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.body()).contains("\"instance\":\"" + answer.header("x-request-id") + "\"");
    assertThat(ErrorBodies.ALL).contains(ErrorBodies.constant(answer.body()));
  }

  private static void headersOfEveryAnswer(Answer answer, boolean withBody) {
    assertThat(answer.header("x-request-id")).matches("[0-9a-f]{32}");
    assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("vary")).isEqualTo("Origin");
    assertThat(answer.all("server")).isEmpty();
    assertThat(answer.all("content-type")).hasSize(withBody ? 1 : 0);
  }

  private static String get(String target) {
    return request("GET", target, "");
  }

  private static String post(String type, String body) {
    int length = body.getBytes(UTF_8).length;
    return request("POST", "/", "Content-Type: " + type + "\r\nContent-Length: " + length + "\r\n")
        + body;
  }

  private static String request(String method, String target, String headers) {
    return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
  }
}

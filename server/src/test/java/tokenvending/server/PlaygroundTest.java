package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.api.PageFolder;

/** What the playground asks beside a token: for the author's own machine, and its own page. */
final class PlaygroundTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EXPLAIN = "/playground/api/explain";
  private static final String EVENTS = "/playground/api/events";
  private static final String OWN = "Sec-Fetch-Site: same-origin\r\n";
  private static final String RULES =
      """
      token: { ttl: 15m }
      authentication:
        - open: {}
      parameters:
        name: { max-length: 8, required: false }
      rules:
        - id: moderators
          when: { groups: [moderators] }
          permissions:
            - { role: ReadWrite, cache: chat }
        - id: everybody
          token-id: "guest"
          permissions:
            - { role: ReadOnly, cache: chat }
        - id: never
          permissions:
            - { role: ReadOnly, cache: other }
      """;

  @TempDir private static Path folder;
  private static Vendor vendor;

  @BeforeAll
  static void start() {
    vendor = Vendor.startLocal(folder, RULES, PageFolder.missing("No pages here."));
  }

  @AfterAll
  static void stop() {
    vendor.close();
  }

  @Test
  void explain_says_which_rule_matched_and_what_became_of_the_others() throws IOException {
    int before = vendor.audit().size();
    assertThat(json(EXPLAIN + "?name=Taylor&ttl=60", OWN))
        .isEqualTo(
            JSON.readTree(
                """
                {"caller":{"groups":[]},"rules":[
                {"rule":"moderators","verdict":"does not match",
                 "why":"the caller is in none of the groups [moderators]"},
                {"rule":"everybody","verdict":"matches","why":"no condition"},
                {"rule":"never","verdict":"not evaluated","why":"an earlier rule matched"}],
                "decision":"granted","rule":"everybody","permissions":["ReadOnly cache=chat"],
                "ttl":60,"tokenId":"guest","reuse":"never"}\
                """));
    assertThat(vendor.audit()).hasSize(before);
  }

  @Test
  void explain_says_why_not() throws IOException {
    JsonNode longer = json(EXPLAIN + "?ttl=20h", OWN);
    assertThat(longer.get("decision").textValue()).isEqualTo("denied");
    assertThat(longer.get("rule").textValue()).isEqualTo("everybody");
    assertThat(longer.get("reason").textValue()).isEqualTo("longer than granted");
    JsonNode wrong = json(EXPLAIN, OWN + "Authorization: Bearer x\r\n");
    assertThat(wrong.get("decision").textValue()).isEqualTo("unauthenticated");
    assertThat(wrong.get("reason").textValue()).isEqualTo("no authentication method");
    JsonNode long9 = json(EXPLAIN + "?name=123456789", OWN);
    assertThat(long9.get("decision").textValue()).isEqualTo("malformed");
    assertThat(long9.get("reason").textValue()).isEqualTo("too long");
  }

  @Test
  void a_caller_can_be_imagined_and_is_given_nothing() throws IOException {
    String known =
        RULES
            .replace(
                "- open: {}",
                "- oidc: { issuer: 'http://127.0.0.1:1/', audience: web,"
                    + " jwks-uri: 'http://127.0.0.1:1/keys' }")
            .replace("    token-id: \"guest\"\n", "");
    try (Vendor issuer =
        Vendor.startLocal(made("issuer"), known, PageFolder.missing("No pages here."))) {
      JsonNode answer =
          json(issuer, EXPLAIN, OWN + "Explain-As: sub=ann&groups=moderators&groups=b%20c\r\n");
      assertThat(answer.get("decision").textValue()).isEqualTo("granted");
      assertThat(answer.get("rule").textValue()).isEqualTo("moderators");
      assertThat(answer.get("caller"))
          .isEqualTo(
              JSON.readTree(
                  "{\"issuer\":\"http://127.0.0.1:1/\",\"subject\":\"ann\","
                      + "\"groups\":[\"b c\",\"moderators\"]}"));
      assertThat(answer.has("authToken")).isFalse();
      assertThat(issuer.audit()).isEmpty();
    }
    JsonNode nobody = json(EXPLAIN, OWN + "Explain-As: sub=ann\r\n");
    assertThat(nobody.get("decision").textValue()).isEqualTo("unauthenticated");
    assertThat(vendor.ask(get(EXPLAIN, OWN + "Explain-As: %zz\r\n")).status()).isEqualTo(400);
  }

  @Test
  void events_are_the_last_hundred_records_from_a_number_on() throws IOException {
    try (Vendor watched =
        Vendor.startLocal(made("watched"), RULES, PageFolder.missing("No pages here.")).ready()) {
      assertThat(json(watched, EVENTS, OWN)).isEqualTo(JSON.readTree("{\"next\":0,\"events\":[]}"));
      Answer vended = watched.ask(get("/?name=Taylor", ""));
      assertThat(vended.status()).isEqualTo(200);
      String token = JSON.readTree(vended.body()).get("authToken").textValue();
      assertThat(watched.ask(get("/", "Authorization: Bearer hush-hush\r\n")).status())
          .isEqualTo(401);
      Answer answer = watched.ask(get(EVENTS, OWN));
      assertThat(answer.body()).doesNotContain(token, "hush-hush", "api_key");
      JsonNode both = JSON.readTree(answer.body());
      assertThat(both.get("next").intValue()).isEqualTo(2);
      assertThat(both.get("events")).hasSize(2);
      JsonNode first = both.get("events").get(0);
      assertThat(first.get("outcome").textValue()).isEqualTo("vended");
      assertThat(first.get("rule").textValue()).isEqualTo("everybody");
      assertThat(both.get("events").get(1).get("outcome").textValue()).isEqualTo("unauthenticated");
      assertThat(json(watched, EVENTS + "?after=1", OWN).get("events")).hasSize(1);
      assertThat(json(watched, EVENTS + "?after=2", OWN).get("events")).isEmpty();
      assertThat(json(watched, EVENTS + "?after=999", OWN).get("events")).hasSize(2);
      for (int i = 0; i < 110; i++) {
        watched.ask(get("/?undeclared=" + i, ""));
      }
      JsonNode later = json(watched, EVENTS, OWN);
      assertThat(later.get("next").intValue()).isEqualTo(112);
      assertThat(later.get("events")).hasSize(100);
      // A changed file is another machine with the same memory.
      watched.server.change(watched.configuration(RULES));
      assertThat(json(watched, EVENTS + "?after=100", OWN).get("events")).hasSize(12);
    }
  }

  @Test
  void what_could_not_be_recorded_is_no_event() throws IOException {
    Path place = made("full");
    try (Vendor full = Vendor.startLocal(place, RULES, PageFolder.missing("No pages here."))) {
      Files.createDirectory(place.resolve("audit.jsonl"));
      assertThat(full.ask(get("/", "")).status()).isEqualTo(503);
      assertThat(json(full, EVENTS, OWN).get("next").intValue()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"?after=-1", "?after=x", "?after=1&after=2", "?before=1", "?after=%zz"})
  void a_number_is_a_number(String query) {
    assertThat(vendor.ask(get(EVENTS + query, OWN)).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: none\r\n",
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n",
        "Origin: http://localhost:5173\r\n",
        "Origin: http://127.0.0.1\r\n",
        "Origin: null\r\n",
        "Origin: https://attacker.example\r\n",
        "Sec-Fetch-Site: same-origin\r\nOrigin: http://localhost:5173\r\n",
      })
  @Tag("T13")
  @Tag("T20")
  void only_its_own_page_is_told(String headers) {
    for (String path : new String[] {EXPLAIN, EVENTS}) {
      Answer answer = vendor.ask(get(path, headers));
      assertThat(answer.status()).as(path).isEqualTo(403);
      assertThat(answer.body()).doesNotContain("everybody", "\"next\"");
      assertThat(answer.all("access-control-allow-origin")).isEmpty();
    }
  }

  @Test
  @Tag("T20")
  void a_name_that_was_bound_to_this_machine_is_not_its_own() {
    String rebound = "GET " + EVENTS + " HTTP/1.1\r\nHost: attacker.example\r\n" + OWN + "\r\n";
    assertThat(vendor.ask(rebound).status()).isEqualTo(403);
    assertThat(
            vendor.ask(get(EVENTS, "Origin: http://127.0.0.1:" + vendor.port() + "\r\n")).status())
        .isEqualTo(200);
  }

  @Test
  void questions_are_asked_by_GET_and_kept_by_nobody() {
    for (String path : new String[] {EXPLAIN, EVENTS}) {
      assertThat(vendor.ask(get(path, OWN)).header("cache-control")).isEqualTo("no-store");
      Answer answer =
          vendor.ask(get(path, OWN + "Content-Length: 0\r\n").replaceFirst("GET", "POST"));
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("allow")).isEqualTo("GET");
    }
  }

  @Test
  @Tag("T20")
  void away_from_a_developers_machine_there_is_nothing_to_ask() {
    String asked = Vendor.OPEN + "server: { demo-pages: true }\n";
    for (String policy : new String[] {Vendor.OPEN, asked}) {
      try (Vendor far = Vendor.start(made("far"), policy, PageFolder.missing("No pages here."))) {
        for (String path : new String[] {EXPLAIN, EVENTS}) {
          assertThat(far.ask(get(path, OWN)).status()).as(path).isEqualTo(404);
        }
        assertThat(far.minted()).isZero();
      }
    }
    String off = Vendor.OPEN + "server: { demo-pages: false }\n";
    try (Vendor quiet =
        Vendor.startLocal(made("quiet"), off, PageFolder.missing("No pages here."))) {
      assertThat(quiet.ask(get(EVENTS, OWN)).status()).isEqualTo(404);
    }
  }

  private static Path made(String name) {
    try {
      return Files.createDirectories(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode json(String target, String headers) throws IOException {
    return json(vendor, target, headers);
  }

  private static JsonNode json(Vendor asked, String target, String headers) throws IOException {
    Answer answer = asked.ask(get(target, headers));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static String get(String target, String headers) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: 127.0.0.1:"
        + vendor.port()
        + "\r\n"
        + headers
        + "\r\n";
  }
}

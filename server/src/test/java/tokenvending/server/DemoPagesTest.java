package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.api.PageFolder;

/** Chat and playground as files, request by request, over a real socket. */
final class DemoPagesTest {
  private static final String SCRIPT = "/chat/assets/index-Ab3_9-xY.js";
  private static final String HTML = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";

  @TempDir private static Path folder;
  private static Vendor local;

  @BeforeAll
  static void start() throws IOException {
    local =
        Vendor.startLocal(made("local"), Vendor.OPEN, PageFolder.at(pages(), "No pages.")).ready();
  }

  @AfterAll
  static void stop() {
    local.close();
  }

  private static Path made(String name) {
    try {
      return Files.createDirectories(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A build of both pages, beside a file that is none of theirs. */
  private static Path pages() {
    try {
      Path pages = made("pages");
      for (String page : new String[] {"chat", "playground"}) {
        Files.createDirectories(pages.resolve(page).resolve("assets"));
        Files.writeString(pages.resolve(page).resolve("index.html"), "the " + page);
        Files.writeString(pages.resolve(page).resolve("notes.txt"), "no page");
      }
      Files.writeString(pages.resolve("chat/assets/index-Ab3_9-xY.js"), "run()");
      Files.writeString(pages.resolve("chat/assets/style-Ab3_9-xY.css"), "plain");
      Files.writeString(pages.resolve("chat/assets/style-Ab3_9-xY.css.br"), "in brotli");
      Files.writeString(pages.resolve("chat/assets/style-Ab3_9-xY.css.gz"), "in gzip");
      Files.writeString(folder.resolve("outside.html"), "outside");
      return pages;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat", "playground"})
  void a_page_is_served_with_everything_that_keeps_it_apart(String page) {
    Answer answer = local.ask(request("GET", "/" + page + "/", ""));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("the " + page);
    assertThat(answer.header("content-type")).isEqualTo("text/html; charset=utf-8");
    assertThat(answer.header("cache-control")).isEqualTo("no-cache");
    assertThat(answer.header("content-security-policy"))
        .isEqualTo(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                + " font-src 'self'; connect-src 'self' http://127.0.0.1:* http://localhost:*"
                + " http://*.localhost:*; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'");
    assertThat(answer.header("referrer-policy")).isEqualTo("no-referrer");
    assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
    assertThat(answer.header("x-request-id")).matches("[0-9a-f]{32}");
    assertThat(answer.all("set-cookie")).isEmpty();
    Answer moved = local.ask(request("GET", "/" + page, ""));
    assertThat(moved.status()).isEqualTo(308);
    assertThat(moved.header("location")).isEqualTo("/" + page + "/");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip, deflate, br, zstd | br | in brotli",
        "gzip;q=1.0, br;q=0 | gzip | in gzip",
        "GZIP | gzip | in gzip",
        "gzip;q=0.000, deflate | | plain",
        "identity | | plain"
      })
  void a_file_is_sent_in_the_best_coding_that_the_browser_accepts(
      String accepted, String coding, String body) {
    String file = "/chat/assets/style-Ab3_9-xY.css";
    String header = "Accept-Encoding: " + accepted + "\r\n";
    Answer answer = local.ask(request("GET", file, header));
    assertThat(answer.body()).isEqualTo(body);
    assertThat(answer.all("content-encoding"))
        .isEqualTo(coding == null ? List.of() : List.of(coding));
    assertThat(answer.header("content-type")).isEqualTo("text/css; charset=utf-8");
    assertThat(answer.header("vary")).isEqualTo("accept-encoding");
    String known = header + "If-None-Match: " + answer.header("etag") + "\r\n";
    assertThat(local.ask(request("GET", file, known)).status()).isEqualTo(304);
    // The tag of one coding is not that of another.
    String other = coding == null ? "Accept-Encoding: br\r\n" : "";
    String unknown = other + "If-None-Match: " + answer.header("etag") + "\r\n";
    assertThat(local.ask(request("GET", file, unknown)).status()).isEqualTo(200);
  }

  @Test
  void a_file_that_has_its_hash_in_its_name_may_be_kept_for_good() {
    Answer answer = local.ask(request("GET", SCRIPT, ""));
    assertThat(answer.body()).isEqualTo("run()");
    assertThat(answer.header("content-type")).isEqualTo("text/javascript; charset=utf-8");
    assertThat(answer.header("cache-control")).isEqualTo("public, max-age=31536000, immutable");
  }

  @ParameterizedTest
  @CsvSource({"%s, 304", "W/%s, 304", "'\"x\", %s', 304", "*, 304", "\"x\", 200"})
  void what_the_browser_has_is_not_sent_again(String known, int status) {
    String tag = local.ask(request("GET", "/chat/", "")).header("etag");
    assertThat(tag).matches("\"[0-9a-f]{32}\"");
    String header = "If-None-Match: " + known.formatted(tag) + "\r\n";
    Answer answer = local.ask(request("GET", "/chat/", header));
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("etag")).isEqualTo(tag);
    assertThat(answer.body().isEmpty()).isEqualTo(status == 304);
  }

  @Test
  void HEAD_answers_as_GET_without_the_content() {
    try (Wire wire = Wire.to(local.port())) {
      Answer head = wire.send(request("HEAD", "/chat/", "")).answer(false);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("content-length")).isEqualTo("8");
      // The next answer begins where this one ended: nothing came after its headers.
      assertThat(wire.send(request("GET", "/healthz", "")).answer().body()).isEqualTo("ok\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
  void a_page_is_only_looked_at(String method) {
    for (String path : new String[] {"/chat/", "/chat", SCRIPT, "/chat/settings.json"}) {
      Answer answer = local.ask(request(method, path, "Content-Length: 0\r\n"));
      assertThat(answer.status()).as(path).isEqualTo(405);
      assertThat(answer.header("allow")).isEqualTo("GET, HEAD");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/chat/nothing.html",
        "/chat/notes.txt",
        "/chat/assets/",
        "/chat/assets",
        "/chat//index.html",
        "/chat/../../outside.html",
        "/chat/%2e%2e/%2e%2e/outside.html",
        "/chat/..%2f..%2foutside.html",
        "/chat/..%5c..%5coutside.html",
        "/chat/%2e%2e%2fplayground/index.html",
        "/chat/index.html%00",
        "/chat/./index.html",
        "/Chat/",
        "/outside.html",
      })
  void nothing_but_the_files_of_a_page_is_served(String path) {
    Answer answer = local.ask(request("GET", path, ""));
    assertThat(answer.status()).isIn(400, 404);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.body()).doesNotContain("outside\n", "the playground", "no page");
  }

  @Test
  @Tag("T13")
  @Tag("T20")
  void a_page_of_elsewhere_gets_nothing_to_read() {
    for (String path : new String[] {"/chat/", "/chat/settings.json", SCRIPT}) {
      assertThat(local.ask(request("GET", path, "Origin: https://attacker.example\r\n")).status())
          .isEqualTo(403);
      assertThat(local.ask("GET " + path + " HTTP/1.1\r\nHost: attacker.example\r\n\r\n").status())
          .isEqualTo(403);
      Answer neighbour = local.ask(request("GET", path, "Origin: http://localhost:5173\r\n"));
      assertThat(neighbour.all("access-control-allow-origin")).isEmpty();
    }
  }

  @Test
  void a_browser_at_the_root_is_shown_the_way_and_everybody_else_vends() {
    int recorded = local.audit().size();
    Answer page = local.ask(request("GET", "/", HTML));
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("content-type")).isEqualTo("text/html; charset=utf-8");
    assertThat(page.header("content-security-policy"))
        .startsWith("default-src 'none'; img-src data:; style-src 'sha256-")
        .contains("; script-src 'sha256-")
        .doesNotContain("unsafe");
    assertThat(page.body())
        .contains("href=\"/chat/\"", "href=\"/playground/\"")
        .contains("<strong>Local.</strong>", "<code>/here/tvm.yaml</code>")
        .contains("credentials: none(), parameters: { name: &#39;Taylor&#39; }")
        .contains("curl &#39;http://127.0.0.1:" + local.port() + "/?name=Taylor&#39;");
    assertThat(local.audit()).hasSize(recorded);
    assertThat(local.ask(request("GET", "/?name=Taylor", HTML)).body()).contains("authToken");
    assertThat(local.ask(request("GET", "/", "Accept: */*\r\n")).body()).contains("authToken");
    assertThat(local.ask(request("GET", "/", "")).body()).contains("authToken");
    assertThat(local.audit()).hasSize(recorded + 3);
  }

  @Test
  void the_first_page_shows_a_host_name_as_text() {
    Answer page = local.ask("GET / HTTP/1.1\r\nHost: a_b.localhost:1\r\n" + HTML + "\r\n");
    assertThat(page.body()).contains("http://a_b.localhost:1/");
    assertThat(local.ask("GET / HTTP/1.1\r\nHost: <b>.localhost\r\n" + HTML + "\r\n").body())
        .doesNotContain("<b>");
  }

  @Test
  void pages_that_are_not_built_are_missed_in_a_sentence_and_tokens_are_vended()
      throws IOException {
    Path later = folder.resolve("later");
    PageFolder notYet = PageFolder.at(later, "Node.js is missing: <install> it.");
    try (Vendor vendor = Vendor.startLocal(made("bare"), Vendor.OPEN, notYet).ready()) {
      Answer answer = vendor.ask(request("GET", "/chat/", ""));
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("content-type")).isEqualTo("text/html; charset=utf-8");
      assertThat(answer.body()).contains("Node.js is missing: &lt;install&gt; it.");
      assertThat(vendor.ask(request("GET", SCRIPT, "")).status()).isEqualTo(404);
      assertThat(vendor.ask(request("GET", "/", "")).body()).contains("authToken");
      Files.move(copy(), later);
      assertThat(vendor.ask(request("GET", "/chat/", "")).body()).isEqualTo("the chat");
    }
  }

  /** Another build, complete before it has its name. */
  private static Path copy() throws IOException {
    Path made = made("making");
    Files.createDirectories(made.resolve("chat"));
    Files.writeString(made.resolve("chat/index.html"), "the chat");
    return made;
  }

  @Test
  void away_from_a_developers_machine_there_are_no_pages_until_the_file_says_so() {
    PageFolder folder = PageFolder.at(pages(), "No pages.");
    try (Vendor vendor = Vendor.start(made("quiet"), Vendor.OPEN, folder)) {
      for (String path :
          new String[] {"/chat/", "/chat", "/chat/settings.json", SCRIPT, "/playground/"}) {
        assertThat(vendor.ask(request("GET", path, "")).status()).as(path).isEqualTo(404);
      }
    }
    String asked = Vendor.OPEN + "server: { demo-pages: true }\n";
    try (Vendor vendor = Vendor.start(made("asked"), asked, folder).ready()) {
      Answer page = vendor.ask(request("GET", "/playground/", ""));
      assertThat(page.body()).isEqualTo("the playground");
      assertThat(page.header("content-security-policy"))
          .contains("https://*.momentohq.com")
          .doesNotContain("unsafe");
      int before = vendor.minted();
      assertThat(vendor.ask(request("GET", "/", HTML)).body()).contains("authToken");
      assertThat(vendor.minted()).isEqualTo(before + 1);
    }
  }

  @Test
  void pages_may_call_what_the_file_names_and_nothing_else() {
    String named =
        Vendor.OPEN
                .replace(
                    "- open: {}",
                    "- cognito: { region: us-west-2, user-pool-id: us-west-2_abc, client-id: web }")
                .replace("    token-id: \"${request.name}\"\n", "")
            + "server: { demo-pages: true }\n";
    PageFolder folder = PageFolder.at(pages(), "No pages.");
    try (Vendor vendor = Vendor.start(made("named"), named, folder)) {
      assertThat(vendor.ask(request("GET", "/chat/", "")).header("content-security-policy"))
          .contains(
              "connect-src 'self' http://127.0.0.1:* http://localhost:* http://*.localhost:*"
                  + " https://*.momentohq.com https://cognito-idp.us-west-2.amazonaws.com;"
                  + " base-uri");
    }
  }

  @Test
  void pages_may_call_an_issuer_where_they_sign_in_and_no_other() {
    String rule = "    token-id: \"${request.name}\"\n";
    String issuer =
        Vendor.OPEN
                .replace("- open: {}", "- oidc: { issuer: 'http://[::1]:9/a', audience: web }")
                .replace(rule, "")
            + "server: { demo-pages: true }\n";
    PageFolder folder = PageFolder.at(pages(), "No pages.");
    for (var one :
        Map.of(
                issuer,
                "https://*.momentohq.com; base-uri",
                issuer.replace("audience: web", "audience: web, web-client-id: web"),
                "https://*.momentohq.com http://[::1]:9; base-uri")
            .entrySet()) {
      try (Vendor vendor = Vendor.start(made("issuer"), one.getKey(), folder)) {
        assertThat(vendor.ask(request("GET", "/chat/", "")).header("content-security-policy"))
            .contains(one.getValue());
      }
    }
  }

  @Test
  void a_file_may_turn_them_off_in_local_use() {
    String off = Vendor.OPEN + "server: { demo-pages: false }\n";
    PageFolder folder = PageFolder.at(pages(), "No pages.");
    try (Vendor vendor = Vendor.startLocal(made("off"), off, folder).ready()) {
      assertThat(vendor.ask(request("GET", "/chat/", "")).status()).isEqualTo(404);
      assertThat(vendor.ask(request("GET", "/", HTML)).body()).contains("authToken");
    }
  }

  private static String request(String method, String target, String headers) {
    return method
        + " "
        + target
        + " HTTP/1.1\r\nHost: 127.0.0.1:"
        + local.port()
        + "\r\n"
        + headers
        + "\r\n";
  }
}

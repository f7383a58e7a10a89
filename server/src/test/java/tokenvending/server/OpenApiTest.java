package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tokenvending.api.PageFolder;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.testing.Await;

/** {@code docs/openapi.yaml} against the running server: what is answered is what it says. */
final class OpenApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A fault of ours cannot be asked for. */
  private static final String INTERNAL = "500";

  private final JsonNode api = read();
  private final Set<String> seen = new TreeSet<>();

  @TempDir private Path folder;

  @Test
  void every_answer_is_documented_and_every_documented_answer_is_given() throws IOException {
    String policy = Vendor.OPEN + "limits: { per-address: 3/m, trusted-proxies: [127.0.0.1] }\n";
    try (Vendor vendor = Vendor.start(folder, policy).ready()) {
      for (String method : new String[] {"GET", "POST"}) {
        String extra = method.equals("GET") ? "" : "Content-Length: 0\r\n";
        asked(vendor, 200, method, "/", extra + from(method, 1));
        asked(vendor, 400, method, "/?x=y", extra + from(method, 2));
        asked(vendor, 401, method, "/", extra + "Authorization: Bearer x\r\n" + from(method, 3));
        asked(vendor, 431, method, "/", extra + "X: " + "a".repeat(9_000) + "\r\n");
        String large = "Content-Type: application/json\r\nContent-Length: 20000\r\n\r\n{";
        asked(vendor, 413, method, "/", large);
        asked(vendor, 408, method, "/", large.replace("20000", "2000"));
        for (int i = 0; i < 3; i++) {
          asked(vendor, 200, method, "/", extra + from(method, 4));
        }
        asked(vendor, 429, method, "/", extra + from(method, 4));
        vendor.tokenService.accept("none");
        asked(vendor, 502, method, "/", extra + from(method, 5));
        vendor.tokenService.accept("one");
        Path audit = vendor.file("audit.jsonl");
        Files.move(audit, vendor.file("audit.old." + method));
        Files.createDirectory(audit);
        asked(vendor, 503, method, "/", extra + from(method, 6));
        Files.delete(audit);
        awaitVending(vendor, method);
      }
      asked(vendor, 403, "GET", "/?permission=ReadWrite+cache%3Dchat", from("x", 1));
      String body = "{\"permission\":\"ReadWrite cache=chat\"}";
      String json = "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n";
      asked(vendor, 403, "POST", "/", json + from("x", 2) + "\r\n" + body);
      asked(vendor, 415, "POST", "/", json.replace("json", "xml") + from("x", 3) + "\r\n" + body);
      asked(vendor, 204, "OPTIONS", "/", "");
      for (String probe : new String[] {"/healthz", "/readyz"}) {
        asked(vendor, 200, "GET", probe, "");
      }
      try (Vendor notReady =
          Vendor.start(
              Files.createDirectory(folder.resolve("other")),
              Vendor.OPEN
                  .replace("- open: {}", "- password: { users: 'file:users' }")
                  .replace("${request.name}", "${subject}"))) {
        asked(notReady, 503, "GET", "/readyz", "");
      }
      // A method that is not there is told to whoever uses it, so it stands at no method's answers.
      for (String path : new String[] {"/", "/healthz", "/readyz"}) {
        Answer answer = vendor.ask("DELETE " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(answer.status()).isEqualTo(405);
        valid(api.at("/components/responses/MethodNotAllowed"), answer);
        Answer foreign = vendor.ask("GET " + path + " HTTP/1.1\r\nHost: attacker.example\r\n\r\n");
        assertThat(foreign.status()).isEqualTo(403);
        valid(api.at("/components/responses/HostNotAllowed"), foreign);
      }
    }
    exchanges();
    pages();
    assertThat(seen).isEqualTo(documented());
  }

  private void exchanges() throws IOException {
    String metadata = "/.well-known/oauth-authorization-server";
    try (Stage stage = Stage.start(made("issuer"), MomentoLocalOptions.defaults());
        Vendor vendor =
            Vendor.start(
                    made("exchange"),
                    Vendor.OPEN
                            .replace("  - open: {}\n", stage.method())
                            .replace("${request.name}", "${subject}")
                        + "limits: { per-address: 3/m, trusted-proxies: [127.0.0.1] }\n"
                        + "server: { token-exchange: { issuer: 'https://tokens.example.com' } }\n")
                .ready()) {
      asked(vendor, 200, "GET", metadata, "");
      asked(vendor, 204, "OPTIONS", "/token", "");
      String token = stage.jwt("ann", "");
      exchanged(vendor, 200, 1, token);
      exchanged(vendor, 400, 2, "x");
      for (int i = 0; i < 3; i++) {
        exchanged(vendor, 200, 4, token);
      }
      exchanged(vendor, 429, 4, token);
      asked(vendor, 431, "POST", "/token", "X: " + "a".repeat(9_000) + "\r\n");
      asked(vendor, 413, "POST", "/token", "Content-Length: 20000\r\n\r\n{");
      asked(vendor, 408, "POST", "/token", "Content-Length: 2000\r\n\r\n{");
      vendor.tokenService.accept("none");
      exchanged(vendor, 502, 5, token);
      vendor.tokenService.accept("one");
      Path audit = vendor.file("audit.jsonl");
      Files.move(audit, vendor.file("audit.old"));
      Files.createDirectory(audit);
      exchanged(vendor, 503, 6, token);
    }
    try (Vendor without = Vendor.start(made("without"), Vendor.OPEN)) {
      asked(without, 404, "GET", metadata, "");
      exchanged(without, 404, 1, "x");
    }
  }

  private void exchanged(Vendor vendor, int status, int address, String token) {
    String type = "urn:ietf:params:oauth:";
    String form =
        "grant_type=%sgrant-type:token-exchange&subject_token=%s&subject_token_type=%stoken-type:jwt"
            .formatted(type, token, type);
    asked(
        vendor,
        status,
        "POST",
        "/token",
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n%s\r\n%s"
            .formatted(form.length(), from("exchange", address), form));
  }

  /** The demo pages, away from a developer's machine and at it, built and not. */
  private void pages() throws IOException {
    Path built = folder.resolve("pages");
    for (String page : new String[] {"chat", "playground"}) {
      Files.createDirectories(built.resolve(page));
      Files.writeString(built.resolve(page).resolve("index.html"), page);
    }
    String own = "Sec-Fetch-Site: same-origin\r\n";
    PageFolder missing = PageFolder.missing("No pages here.");
    try (Vendor far = Vendor.start(made("far"), Vendor.OPEN);
        Vendor bare = Vendor.startLocal(made("bare"), Vendor.OPEN, missing);
        Vendor local =
            Vendor.startLocal(made("local"), Vendor.OPEN, PageFolder.at(built, "")).ready()) {
      for (String page : new String[] {"/chat/", "/playground/"}) {
        asked(local, 200, "GET", page, "");
        asked(local, 304, "GET", page, "If-None-Match: *\r\n");
        asked(local, 200, "GET", page + "settings.json", "");
        asked(bare, 503, "GET", page, "");
        asked(far, 404, "GET", page, "");
        asked(far, 404, "GET", page + "settings.json", "");
      }
      assertThat(local.ask("GET /?name=a HTTP/1.1\r\nHost: localhost\r\n\r\n").status())
          .isEqualTo(200);
      for (String api : new String[] {"/playground/api/explain", "/playground/api/events"}) {
        asked(local, 200, "GET", api, own);
        asked(local, 403, "GET", api, "");
        asked(far, 404, "GET", api, own);
      }
      asked(local, 200, "GET", "/playground/api/explain?name=a&ttl=20h", own);
      asked(local, 200, "GET", "/playground/api/explain?colour=red", own);
      asked(local, 400, "GET", "/playground/api/explain", own + "Explain-As: %\r\n");
      asked(local, 400, "GET", "/playground/api/events?after=x", own);
    }
  }

  private Path made(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private void asked(Vendor vendor, int status, String method, String target, String headers) {
    int before = vendor.minted();
    String end = headers.contains("\r\n\r\n") ? "" : "\r\n";
    Answer answer =
        vendor.ask(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + end);
    assertThat(answer.status()).as(method + " " + target).isEqualTo(status);
    String path = target.replaceFirst("\\?.*", "");
    JsonNode operation = api.path("paths").path(path).path(method.toLowerCase(Locale.ROOT));
    JsonNode response = operation.path("responses").path(String.valueOf(status));
    assertThat(response.isMissingNode()).as(method + " " + target + " " + status).isFalse();
    valid(response, answer);
    seen.add(method + " " + path + " " + status);
    // A refused key is tried again at most once; what could not be recorded was minted and dropped.
    boolean vends = path.equals("/") || path.equals("/token");
    boolean reached = (status == 200 && vends) || status == 502 || status == 503;
    if (!reached) {
      assertThat(vendor.minted()).isEqualTo(before);
    }
  }

  private void valid(JsonNode documented, Answer answer) {
    JsonNode response =
        documented.has("$ref")
            ? api.at(documented.get("$ref").textValue().substring(1))
            : documented;
    response
        .path("headers")
        .fieldNames()
        .forEachRemaining(n -> assertThat(answer.all(n)).isNotEmpty());
    if (!response.has("content")) {
      assertThat(answer.body()).isEmpty();
      return;
    }
    JsonNode content = response.path("content").path(answer.header("content-type"));
    assertThat(content.isMissingNode()).as(answer.header("content-type")).isFalse();
    ObjectNode schema = JSON.createObjectNode();
    schema.set("components", api.get("components"));
    schema.set("allOf", JSON.createArrayNode().add(content.get("schema")));
    JsonNode body = body(answer);
    assertThat(
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema.toString())
                .validate(body))
        .as(answer.body())
        .isEmpty();
    if (body.has("status")) {
      assertThat(body.get("status").intValue()).isEqualTo(answer.status());
    }
  }

  private static JsonNode body(Answer answer) {
    try {
      return answer.header("content-type").endsWith("json")
          ? JSON.readTree(answer.body())
          : JSON.getNodeFactory().textNode(answer.body());
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + answer.body(), e);
    }
  }

  /** What can be asked for by the methods that are documented. */
  private Set<String> documented() {
    Set<String> all = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : api.get("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        for (Map.Entry<String, JsonNode> response :
            method.getValue().get("responses").properties()) {
          if (!response.getKey().equals(INTERNAL)) {
            String name = method.getKey().toUpperCase(Locale.ROOT);
            all.add(name + " " + path.getKey() + " " + response.getKey());
          }
        }
      }
    }
    return all;
  }

  /** The audit log is tried again several times a second. */
  private static void awaitVending(Vendor vendor, String method) {
    AtomicInteger number = new AtomicInteger(100);
    Await.until(
        "a token",
        () -> {
          String from = from(method, number.getAndIncrement());
          String request = "GET / HTTP/1.1\r\nHost: localhost\r\n" + from + "\r\n";
          return vendor.ask(request).status() == 200;
        });
  }

  private static String from(String method, int number) {
    int block = method.equals("GET") ? 1 : method.equals("POST") ? 2 : 3;
    return "X-Forwarded-For: 10.%d.%d.%d\r\n".formatted(block, number / 256, number % 256);
  }

  private static JsonNode read() {
    try {
      Object loaded =
          new Load(LoadSettings.builder().build())
              .loadFromString(Files.readString(Path.of("..", "docs", "openapi.yaml")));
      return JSON.valueToTree(loaded);
    } catch (IOException e) {
      throw new AssertionError("the file is missing", e);
    }
  }
}

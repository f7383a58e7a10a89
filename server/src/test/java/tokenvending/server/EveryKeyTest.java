package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tokenvending.api.ApiRequest;
import tokenvending.api.Body;
import tokenvending.api.PageFolder;
import tokenvending.api.Query;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.authentication.Argon2Hash;
import tokenvending.configuration.Configuration;
import tokenvending.identity.ClientAddress;
import tokenvending.secret.Secret;
import tokenvending.server.lifecycle.ServerStateOpener;
import tokenvending.server.lifecycle.TokenServiceConnectors;
import tokenvending.testing.Await;

/** Every key of the file either takes effect on a reload, or is named as needing a restart. */
final class EveryKeyTest {
  private static final String ANN = "Basic YW5uOnNlY3JldA==";

  /** Where nothing listens. */
  private static final String NO_REDIS = "redis://127.0.0.1:9";

  @TempDir private Path folder;

  // One of each for all tests.
  private static final TokenServiceAtLoopback momento = new TokenServiceAtLoopback();
  private static final TokenServiceAtLoopback other = new TokenServiceAtLoopback();

  private static final List<CompletableFuture<Void>> closing = new ArrayList<>();

  @BeforeEach
  void files() throws IOException {
    momento.accept("one", "two");
    Files.writeString(folder.resolve("one"), TokenServiceAtLoopback.apiKey("one"));
    Files.writeString(folder.resolve("two"), TokenServiceAtLoopback.apiKey("two"));
    // A v2 key: a JWT of type "g", which does not name its endpoint.
    Files.writeString(folder.resolve("v2"), "eyJhbGciOiJIUzI1NiJ9.eyJ0IjoiZyJ9.c2lnbmF0dXJl");
    String hash = Argon2Hash.of(Secret.of("secret"), new SecureRandom()).text();
    Files.writeString(folder.resolve("users"), "ann: { hash: '" + hash + "' }\n");
  }

  @AfterAll
  static void stop() {
    closing.forEach(CompletableFuture::join);
    momento.close();
    other.close();
  }

  /**
   * One edit.
   *
   * @param key the key that changes
   * @param with what else the file must say for it to matter
   * @param from the value before, absent where empty
   * @param to the value after
   * @param observed something that the change makes different
   */
  record Edit(
      String key,
      Map<String, String> with,
      String from,
      String to,
      Function<EveryKeyTest.Running, Object> observed) {
    @Override
    public String toString() {
      return key;
    }
  }

  private static Edit edit(String key, String from, String to, Function<Running, Object> observed) {
    return new Edit(key, Map.of(), from, to, observed);
  }

  static List<Edit> edits() {
    return List.of(
        edit("token.ttl", "15m", "30m", Running::policyVersion),
        edit("token.within-session", "false", "true", Running::policyVersion),
        edit(
            "authentication",
            "[ { open: {} } ]",
            "[ { password: { users: 'file:users' } } ]",
            running -> running.vend("", "")),
        edit(
            "parameters",
            "{}",
            "{ name: { max-length: 9, required: false } }",
            running -> running.vend("name=x", "")),
        edit(
            "rules",
            "[ { id: all, permissions: [ { role: ReadOnly, cache: chat, item: all } ] } ]",
            "[ { id: all, when: { groups: [x] }, permissions: [ { role: ReadOnly, cache: chat,"
                + " item: all } ] } ]",
            running -> running.vend("", "")),
        edit(
            "deny",
            "[]",
            "[ { addresses: [0.0.0.0/0, '::/0'] } ]",
            running -> running.vend("", "")),
        // A list that cannot be read is no empty list.
        edit("blocks", "", "'file:one'", running -> running.vend("", "")),
        edit("limits.per-caller", "1/m", "2/m", running -> running.vends(2, ANN)),
        edit(
            "limits.rejections-per-address", "1/m", "9/m", running -> running.vends(3, "Bearer x")),
        edit("limits.per-address", "1/m", "2/m", running -> running.vends(2, "")),
        edit(
            "momento.api-key",
            "'file:one'",
            "'file:two'",
            running -> {
              int _ = running.vend("", "");
              return momento.keys().getLast();
            }),
        new Edit(
            "momento.endpoint",
            Map.of("momento.api-key", "'file:v2'", "momento.token-service", ""),
            "",
            "cell.example.com",
            running -> running.application.notReadyReason()),
        edit(
            "momento.token-service",
            "FIRST",
            "SECOND",
            running -> {
              int before = other.keys().size();
              int _ = running.vend("", "");
              return other.keys().size() > before;
            }),
        edit(
            "momento.budget",
            "5/s",
            "7/s",
            running -> running.application.condition().budget().orElseThrow().slots()),
        edit(
            "state",
            "memory",
            "'" + NO_REDIS + "'",
            running -> running.application.condition().state()),
        new Edit(
            "max-instances",
            Map.of("state", "'" + NO_REDIS + "'"),
            "",
            "1",
            Running::vendsWithinSeconds),
        edit(
            "cors.allow-origins",
            "[]",
            "['https://a.example.com']",
            running -> running.allowed("https://a.example.com")),
        edit(
            "audit.to",
            "'file:one.jsonl'",
            "'file:two.jsonl'",
            running -> {
              int _ = running.vend("", "");
              return Files.exists(running.test.folder.resolve("two.jsonl"));
            }),
        edit(
            "server.demo-pages",
            "false",
            "true",
            running ->
                running.application.pages(PageFolder.missing("none"), "tvm.yaml").isPresent()),
        edit(
            "server.token-exchange",
            "{ issuer: 'https://a.example.com' }",
            "{ issuer: 'https://b.example.com' }",
            Running::metadata));
  }

  /** The keys that need a restart, and how they may change. */
  private static final Map<String, List<String>> NEED_RESTART =
      Map.of(
          "server.host", List.of("127.0.0.1", "'::1'"),
          "server.port", List.of("8080", "8081"),
          "server.tls",
              List.of(
                  "{ certificate: 'file:one', key: 'file:two' }",
                  "{ certificate: 'file:two', key: 'file:two' }"),
          "server.management-port", List.of("9090", "9091"));

  /**
   * Shown elsewhere: {@code HostTest}, {@code ConnectionSharesTest}, {@code ChangeTest}, and {@code
   * ReloadTest} with {@code FairBudgetTest} and {@code TokenVendingMachineTest}.
   */
  private static final Set<String> SHOWN_ELSEWHERE =
      Set.of(
          "audit.claims",
          "limits.connections-per-address",
          "limits.trusted-proxies",
          "momento.max-wait",
          "server.allowed-hosts");

  @Test
  void every_key_of_the_schema_is_tried() throws IOException {
    Set<String> tried = new TreeSet<>(SHOWN_ELSEWHERE);
    tried.addAll(NEED_RESTART.keySet());
    edits().forEach(edit -> tried.add(edit.key()));
    Set<String> keys = keys();
    // The deployment on AWS: TemplateTest.
    assertThat(keys.removeIf(key -> key.startsWith("aws."))).isTrue();
    assertThat(keys).containsExactlyElementsOf(tried);
  }

  @ParameterizedTest
  @MethodSource("edits")
  void an_edit_takes_effect(Edit edit) {
    Application before = Application.of(read(edit, edit.from()), runtime());
    Object seen = edit.observed().apply(new Running(this, before));
    Application after = before.with(read(edit, edit.to()));
    try {
      assertThat(edit.observed().apply(new Running(this, after))).isNotEqualTo(seen);
    } finally {
      closing.add(
          CompletableFuture.runAsync(
              () -> {
                before.closeAllBut(after);
                after.close();
              },
              Thread::startVirtualThread));
    }
  }

  @Test
  void what_needs_a_restart_is_named() {
    NEED_RESTART.forEach(
        (key, values) -> {
          Edit edit = edit(key, values.getFirst(), values.getLast(), running -> "");
          assertThat(read(edit, edit.from()).server().needsRestart(read(edit, edit.to()).server()))
              .containsExactly(key);
        });
    Edit live = edit("server.demo-pages", "false", "true", running -> "");
    assertThat(read(live, "false").server().needsRestart(read(live, "true").server())).isEmpty();
  }

  /** The keys of the file, and those of its sections, as the schema has them. */
  private static Set<String> keys() throws IOException {
    Map<?, ?> schema =
        (Map<?, ?>)
            new Load(LoadSettings.builder().build())
                .loadFromString(Files.readString(Path.of("..", "tvm.schema.json")));
    Set<String> keys = new TreeSet<>();
    properties(schema)
        .forEach(
            (section, shape) -> {
              Map<?, ?> nested = properties((Map<?, ?>) shape);
              if (nested.isEmpty()) {
                keys.add(section.toString());
              } else {
                nested.keySet().forEach(key -> keys.add(section + "." + key));
              }
            });
    return keys;
  }

  private static Map<?, ?> properties(Map<?, ?> shape) {
    return shape.get("properties") instanceof Map<?, ?> properties ? properties : Map.of();
  }

  private Configuration read(Edit edit, String value) {
    Map<String, String> chosen = new LinkedHashMap<>();
    chosen.put("authentication", "[ { password: { users: 'file:users' } }, { open: {} } ]");
    chosen.put(
        "rules", "[ { id: all, permissions: [ { role: ReadOnly, cache: chat, item: all } ] } ]");
    chosen.put("momento.api-key", "'file:one'");
    chosen.put("momento.token-service", "FIRST");
    chosen.putAll(edit.with());
    chosen.put(edit.key(), value);
    chosen.replaceAll(
        (name, text) ->
            text.replace("FIRST", "'" + momento.uri() + "'")
                .replace("SECOND", "'" + other.uri() + "'"));
    return DottedKeys.read(chosen, folder);
  }

  private static RuntimeEnvironment runtime() {
    return new RuntimeEnvironment(
            Map.of(),
            new ByteArrayOutputStream(),
            InstantSource.system(),
            System::nanoTime,
            new SecureRandom(),
            TokenServiceConnectors.connector(),
            Optional.empty())
        .with(new ServerStateOpener(Map.of(), InstantSource.system()));
  }

  /** An application, and what can be seen of it. */
  record Running(EveryKeyTest test, Application application) {
    String policyVersion() {
      return application.condition().policyVersion();
    }

    String metadata() {
      ApiRequest request =
          new ApiRequest(
              "GET",
              "/.well-known/oauth-authorization-server",
              new Query.Encoded(""),
              Map.of(),
              Body.empty(),
              new ClientAddress(InetAddress.getLoopbackAddress()),
              Instant.EPOCH);
      return new String(application.api().handle(request).body().bytes(), UTF_8);
    }

    int vend(String query, String authorization) {
      Map<String, String> headers =
          authorization.isEmpty() ? Map.of() : Map.of("authorization", authorization);
      return Stage.get(application, query, headers).status();
    }

    List<Integer> vends(int count, String authorization) {
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        statuses.add(vend("", authorization));
      }
      return statuses;
    }

    /** Long enough for an instance to go on with its own share. */
    boolean vendsWithinSeconds() {
      return Await.within(Duration.ofSeconds(6), () -> vend("", "") == 200);
    }

    boolean allowed(String origin) {
      return Stage.get(application, "", Map.of("origin", origin)).headers().stream()
          .anyMatch(field -> field.name().equals("access-control-allow-origin"));
    }
  }
}

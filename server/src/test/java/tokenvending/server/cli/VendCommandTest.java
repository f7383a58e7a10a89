package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.api.PageFolder;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.lifecycle.RunningServer;
import tokenvending.server.lifecycle.TokenServiceConnectors;

/** Exit codes: 0 a token, 1 none, 2 the question is not clear, or there is nobody to mint. */
final class VendCommandTest {
  private static final String POLICY =
      """
      authentication:
        - password: { users: file:users.yaml }
        - open: {}
      parameters:
        name: { max-length: 20, required: false }
      rules:
        - id: users
          when: { claims: { iss: password } }
          token-id: "user/${subject}"
          permissions:
            - { role: ReadWrite, cache: a }
        - id: guests
          token-id: "guest/${request.name}"
          permissions:
            - { role: ReadOnly, cache: a }
      """;

  @TempDir private static Path folder;
  private static RunningServer server;
  private static MomentoLocal momento;
  private static Server port;

  @BeforeAll
  static void start() throws IOException {
    String hash = CommandRun.reading("right", "hash-password").out().strip();
    Files.writeString(
        folder.resolve("users.yaml"), "ann: { hash: \"" + hash + "\", groups: [] }\n");
    Files.writeString(folder.resolve("right"), "right\n");
    Files.writeString(folder.resolve("wrong"), "wrong\n");
    Path local = Files.writeString(folder.resolve("local.yaml"), POLICY);
    server =
        RunningServer.start(
            configuration(local),
            new HttpSettings(
                "127.0.0.1", 0, Optional.empty(), Optional.empty(), HttpSettings.Limits.USUAL),
            PageFolder.missing("No pages here."),
            "tvm.yaml",
            true,
            TokenServiceConnectors.connector(),
            System::nanoTime,
            Map.of());
    momento = MomentoLocal.start(MomentoLocalOptions.defaults().withAuthOperationsPerSecond(1_000));
    ServerBuilder builder =
        Server.builder().http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    momento.attachTo(builder);
    port = builder.build();
    port.start().join();
    Files.writeString(folder.resolve("key"), momento.credentials().apiKey());
    withKey("tvm.yaml", "key");
  }

  @AfterAll
  static void stop() {
    server.close();
    momento.close();
    port.stop().join();
  }

  private static Path withKey(String name, String key) throws IOException {
    String own =
        "momento:\n  api-key: file:%s\n  token-service: http://127.0.0.1:%d\n"
            .formatted(key, port.activeLocalPort());
    return Files.writeString(folder.resolve(name), POLICY + own);
  }

  private static Configuration configuration(Path file) {
    return switch (ConfigurationReader.read(file)) {
      case ConfigurationResult.Read read -> read.configuration();
      case ConfigurationResult.Unusable(var problems) -> throw new AssertionError(problems);
    };
  }

  private static CommandRun vend(String... arguments) {
    return CommandRun.of(new VendCommand(), arguments);
  }

  private static CommandRun fromServer(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--url", "http://127.0.0.1:" + server.port()));
    all.addAll(Arrays.asList(arguments));
    return vend(all.toArray(String[]::new));
  }

  private static CommandRun fromMomento(String file, String... arguments) {
    List<String> all = new ArrayList<>(List.of("--config", folder.resolve(file).toString()));
    all.addAll(Arrays.asList(arguments));
    return vend(all.toArray(String[]::new));
  }

  private static String file(String name) {
    return "file:" + folder.resolve(name);
  }

  /** The token id of the one token that was printed, and nothing else. */
  private static Optional<String> idOfToken(CommandRun run) {
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).hasLineCount(1);
    CommandRun inspected = CommandRun.of(new InspectCommand(), run.out().strip());
    assertThat(inspected.code()).isZero();
    assertThat(inspected.out()).contains("a token of momento-local");
    return inspected
        .out()
        .lines()
        .filter(line -> line.contains("token id = "))
        .map(line -> line.substring(line.indexOf('=') + 2))
        .findFirst();
  }

  @Test
  void server_gives_a_guest_his_token() {
    assertThat(idOfToken(fromServer("--param", "name=Taylor & Co.")))
        .contains("guest/Taylor & Co.");
    assertThat(idOfToken(fromServer())).isEmpty();
  }

  @Test
  void server_gives_a_user_his_token() {
    assertThat(idOfToken(fromServer("--user", "ann", "--password", file("right"))))
        .contains("user/ann");
  }

  @Test
  void server_that_refuses_is_1_and_its_sentence_is_printed() {
    CommandRun password = fromServer("--user", "ann", "--password", file("wrong"));
    CommandRun more = fromServer("--permission", "WriteOnly cache=a");
    CommandRun undeclared = fromServer("--param", "room=1");

    assertThat(List.of(password.code(), more.code(), undeclared.code())).containsOnly(1);
    assertThat(password.out() + more.out() + undeclared.out()).isEmpty();
    assertThat(password.err()).startsWith("401 A valid credential is required. (request ");
    // In local use the answer says why (http-api.md).
    assertThat(more.err()).startsWith("403 Denied: rule guests: more than granted. (request ");
    assertThat(undeclared.err()).startsWith("400 ");
  }

  @Test
  void server_that_is_not_there_is_1() {
    CommandRun run = vend("--url", "http://127.0.0.1:1/");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("no response from http://127.0.0.1:1/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://a/", "a", "http://", "http://a b/", "http://a/?b=c", "http://u:p@a/"})
  void address_that_is_none_is_2(String url) {
    assertThat(vend("--url", url).code()).isEqualTo(2);
  }

  @Test
  void credential_for_a_server_is_named_and_never_shown() {
    CommandRun shown = fromServer("--bearer", "eyJhbGciOi");
    CommandRun clearText =
        vend("--url", "http://tokens.example.com", "--user", "ann", "--password", file("right"));

    assertThat(shown.code()).isEqualTo(2);
    assertThat(shown.err()).doesNotContain("eyJhbGciOi");
    assertThat(clearText.code()).isEqualTo(2);
    assertThat(clearText.err()).contains("https only");
  }

  @Test
  void half_a_credential_or_two_or_one_for_nobody_is_2() {
    assertThat(fromServer("--user", "ann").code()).isEqualTo(2);
    assertThat(fromServer("--password", file("right")).code()).isEqualTo(2);
    assertThat(fromServer("--user", "a:b", "--password", file("right")).code()).isEqualTo(2);
    assertThat(
            fromServer("--user", "ann", "--password", file("right"), "--bearer", file("right"))
                .code())
        .isEqualTo(2);
    assertThat(fromServer("--bearer", file("absent")).code()).isEqualTo(2);
    assertThat(fromMomento("tvm.yaml", "--user", "ann").code()).isEqualTo(2);
    assertThat(fromServer("--as", "sub=ann").code()).isEqualTo(2);
  }

  @Test
  void own_key_mints_for_whoever_is_described() {
    CommandRun run = fromMomento("tvm.yaml", "--as", "sub=ann,groups=moderators", "--ttl", "1m");

    assertThat(idOfToken(run)).contains("user/ann");
  }

  @Test
  void own_key_mints_for_a_guest() {
    assertThat(idOfToken(fromMomento("tvm.yaml", "--param", "name=Bo"))).contains("guest/Bo");
  }

  @Test
  void own_key_does_not_mint_more_than_the_policy_grants() {
    CommandRun run = fromMomento("tvm.yaml", "--permission", "WriteOnly cache=a");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("not-permitted (MORE_THAN_GRANTED)");
  }

  @Test
  void without_key_and_without_address_is_2() {
    CommandRun run = fromMomento("local.yaml");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("no Momento API key").contains("--url");
  }

  @Test
  void key_that_cannot_be_read_is_2() throws IOException {
    withKey("absent.yaml", "absent");

    CommandRun run = fromMomento("absent.yaml");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("absent cannot be read");
  }

  @Test
  void key_that_momento_refuses_is_1() throws IOException {
    MomentoLocal other = MomentoLocal.start(MomentoLocalOptions.defaults());
    Files.writeString(folder.resolve("other-key"), other.credentials().apiKey());
    other.close();
    withKey("other.yaml", "other-key");

    CommandRun run = fromMomento("other.yaml");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("upstream-fault").doesNotContain("local-api-key");
  }
}

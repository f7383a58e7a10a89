package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.api.PageFolder;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.configuration.LocalUse;
import tokenvending.momento.GrpcReply;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceConnector;
import tokenvending.server.http.HttpListener;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.lifecycle.RunningServer;
import tokenvending.server.lifecycle.TokenServiceConnectors;

/** A start that does not come to its end says why, and leaves nothing open. */
@DisplayNameGeneration(ReplaceUnderscores.class)
final class StartFailureTest {
  private static final String LOOPBACK = "127.0.0.1";

  /** RFC 6761 §6.4: no such name is ever resolved. */
  private static final String NOWHERE = "no-such-name.invalid";

  private static final String WITH_A_KEY =
      """
      authentication: [open: {}]
      rules: [{ id: guests, permissions: [{ role: ReadOnly, cache: chat }] }]
      momento: { api-key: "file:key", token-service: "http://127.0.0.1:1" }
      audit: { to: "file:audit.jsonl" }
      """;

  /** In local use, with a store whose address only the checks before a start would miss. */
  private static final String FAULTY =
      """
      authentication: [open: {}]
      rules: [{ id: guests, permissions: [{ role: ReadOnly, cache: chat }] }]
      state: "env:NOT_SET"
      audit: { to: "file:audit.jsonl" }
      """;

  private static final Duration LONG = Duration.ofSeconds(10);

  @TempDir private Path folder;

  @BeforeEach
  void key() throws IOException {
    Files.writeString(folder.resolve("key"), TokenServiceAtLoopback.apiKey("one"));
  }

  @Test
  void a_host_that_nobody_knows_is_no_address_of_this_machine() throws IOException {
    int port = freePort();
    assertThatThrownBy(() -> start(WITH_A_KEY, at(NOWHERE, port)).close())
        .isInstanceOf(HttpListener.CannotListen.class)
        .hasMessage(
            "cannot listen on " + NOWHERE + ":" + port + ": it is not an address of this machine");
  }

  @Test
  void where_the_management_port_is_on_such_a_host_the_other_port_is_given_back()
      throws IOException {
    int port = freePort();
    String policy = WITH_A_KEY + "server: { management-port: '" + NOWHERE + ":9090' }\n";
    assertThatThrownBy(() -> start(policy, at(LOOPBACK, port)).close())
        .isInstanceOf(HttpListener.CannotListen.class)
        .hasMessage("cannot listen on " + NOWHERE + ":9090: it is not an address of this machine");
    assertFree(port);
  }

  @Test
  void a_fault_while_it_begins_to_listen_closes_the_way_to_the_token_service() {
    Ways ways = new Ways();
    HttpSettings none = at(LOOPBACK, 0, new HttpSettings.Limits(-1, LONG, LONG, LONG));
    assertThatThrownBy(() -> start(WITH_A_KEY, none, ways).close())
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ways.open).isEmpty();
  }

  @Test
  void a_fault_behind_an_open_port_gives_it_back_and_ends_the_local_Momento()
      throws IOException, InterruptedException {
    int port = freePort();
    assertThatThrownBy(() -> start(FAULTY, at(LOOPBACK, port)).close())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("checked at the start: not set");
    assertFree(port);
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("momento-local")) {
        assertThat(thread.join(LONG)).as(thread.getName()).isTrue();
      }
    }
  }

  private RunningServer start(String policy, HttpSettings settings) {
    return start(policy, settings, TokenServiceConnectors.connector());
  }

  private RunningServer start(
      String policy, HttpSettings settings, TokenServiceConnector connector) {
    Configuration configuration = configuration(policy);
    return RunningServer.start(
        configuration,
        settings,
        PageFolder.missing("No pages here."),
        "tvm.yaml",
        LocalUse.applies(configuration, false, Map.of()),
        connector,
        System::nanoTime,
        Map.of());
  }

  private Configuration configuration(String policy) {
    try {
      Path file = Files.writeString(folder.resolve("tvm.yaml"), policy);
      return switch (ConfigurationReader.read(file)) {
        case Read read -> read.configuration();
        case Unusable(var problems) -> throw new AssertionError("no good policy: " + problems);
      };
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static HttpSettings at(String host, int port) {
    return at(host, port, HttpSettings.Limits.USUAL);
  }

  private static HttpSettings at(String host, int port, HttpSettings.Limits limits) {
    return new HttpSettings(
        host, port, Optional.empty(), Optional.of(Duration.ofMinutes(5)), limits);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void assertFree(int port) {
    assertThatCode(() -> new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close())
        .doesNotThrowAnyException();
  }

  /** The ways to token services that are open. */
  private static final class Ways implements TokenServiceConnector {
    final Set<TokenServiceConnection> open = ConcurrentHashMap.newKeySet();

    @Override
    public TokenServiceConnection open(TokenServiceAddress address) {
      TokenServiceConnection way =
          new TokenServiceConnection() {
            @Override
            public GrpcReply call(ByteString message, Duration timeout) {
              throw new AssertionError("nobody vends here");
            }

            @Override
            public void awaitConnected(Duration timeout) {}

            @Override
            public void retire() {
              close();
            }

            @Override
            public void close() {
              open.remove(this);
            }
          };
      open.add(way);
      return way;
    }
  }
}

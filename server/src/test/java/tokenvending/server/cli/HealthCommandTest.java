package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.server.lifecycle.ExitCode;

/** The probe of a container. */
@DisplayNameGeneration(ReplaceUnderscores.class)
final class HealthCommandTest {
  private final List<String> requested = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile int status = 200;

  @TempDir private Path folder;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requested.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private CommandRun health(String section, String... more) throws IOException {
    String policy =
        """
        authentication: [open: {}]
        rules: [{ id: all, permissions: [{ role: ReadOnly, cache: c, item: all }] }]
        server: %s
        """
            .formatted(section);
    Path file = Files.writeString(folder.resolve("tvm.yaml"), policy);
    String[] line = new String[2 + more.length];
    line[0] = "health";
    line[1] = file.toString();
    System.arraycopy(more, 0, line, 2, more.length);
    return CommandRun.line(line);
  }

  private int port() {
    return server.getAddress().getPort();
  }

  @Test
  void it_requests_readiness_at_the_port_of_the_policy() throws IOException {
    CommandRun run = health("{ port: " + port() + " }");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("http://127.0.0.1:" + port() + "/readyz: 200\n");
    assertThat(requested).containsExactly("/readyz");
  }

  @Test
  void it_requests_the_management_port_where_there_is_one() throws IOException {
    assertThat(health("{ host: 0.0.0.0, management-port: " + port() + " }", "--live").code())
        .isZero();
    assertThat(requested).containsExactly("/healthz");
  }

  @Test
  void a_server_that_listens_at_every_address_is_requested_at_loopback() throws IOException {
    assertThat(health("{ host: 0.0.0.0, port: " + port() + " }").code()).isZero();
    assertThat(requested).containsExactly("/readyz");
  }

  @Test
  void another_status_and_a_server_that_is_gone_are_failures() throws IOException {
    status = 503;
    CommandRun unready = health("{ port: " + port() + " }");
    assertThat(unready.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(unready.err()).contains("/readyz: 503");

    server.stop(0);
    assertThat(health("{ port: " + port() + " }").code()).isEqualTo(ExitCode.REFUSED);
  }

  @Test
  void a_url_is_requested_as_it_stands_and_needs_no_policy() {
    String url = "http://127.0.0.1:" + port() + "/healthz";
    assertThat(CommandRun.line("health", "--url", url).code()).isZero();
    assertThat(CommandRun.line("health", "--url", "file:/etc/passwd").code())
        .isEqualTo(ExitCode.REFUSED);
    assertThat(requested).containsExactly("/healthz");
  }

  @Test
  void a_server_with_tls_needs_a_management_port_or_a_url() throws IOException {
    CommandRun run =
        health("{ port: " + port() + ", tls: { certificate: file:c.pem, key: file:k.pem } }");
    assertThat(run.code()).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(run.err()).contains("server.management-port", "--url");
    assertThat(requested).isEmpty();
  }
}

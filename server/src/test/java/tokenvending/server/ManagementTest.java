package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.server.http.TlsFiles;

/** The port that only operators reach. */
final class ManagementTest {
  private static final String POLICY = Vendor.OPEN + "server: { management-port: 0 }\n";

  @TempDir private Path folder;

  @Test
  void it_says_why_no_token_can_be_had_and_the_public_port_does_not() throws IOException {
    String users = POLICY.replace("- open: {}", "- password: { users: 'file:users.yaml' }");
    try (Vendor vendor = Vendor.start(folder, users.replace("${request.name}", "${subject}"))) {
      int port = vendor.server.managementPort().orElseThrow();
      Answer inside = ask(port, "GET", "/readyz");
      assertThat(inside.status()).isEqualTo(503);
      assertThat(inside.header("content-type")).isEqualTo("application/json");
      assertThat(inside.body()).startsWith("{\"ready\":false,\"waitingFor\":\"").contains("users");
      Answer outside = ask(vendor.port(), "GET", "/readyz");
      assertThat(outside.status()).isEqualTo(503);
      assertThat(outside.body()).isEqualTo("not ready\n");
    }
  }

  @Test
  void it_answers_health_and_metrics_and_nothing_else() {
    try (Vendor vendor = Vendor.start(folder, POLICY)) {
      int port = vendor.server.managementPort().orElseThrow();
      assertThat(ask(port, "GET", "/healthz").body()).isEqualTo("ok\n");
      assertThat(ask(port, "GET", "/readyz").body()).isEqualTo("{\"ready\":true}");
      for (String path : List.of("/", "/metrics/", "/heapdump", "//healthz")) {
        Answer answer = ask(port, "GET", path);
        assertThat(answer.status()).as(path).isEqualTo(404);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
      }
      for (String method : List.of("POST", "CONNECT")) {
        for (String path : List.of("/healthz", "/metrics", "/readyz")) {
          Answer answer = ask(port, method, path);
          assertThat(answer.status()).as(path).isEqualTo(405);
          assertThat(answer.header("allow")).isEqualTo("GET, HEAD");
        }
      }
      assertThat(vendor.minted()).isZero();
    }
  }

  @Test
  void without_it_in_the_file_there_is_none() {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN)) {
      assertThat(vendor.server.managementPort()).isEmpty();
    }
  }

  @Test
  void files_that_are_no_certificate_are_named_in_one_sentence() throws IOException {
    Files.writeString(folder.resolve("cert.pem"), "no certificate");
    Files.writeString(folder.resolve("key.pem"), "no key");
    String policy =
        Vendor.OPEN + "server: { tls: { certificate: 'file:cert.pem', key: 'file:key.pem' } }\n";
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> Vendor.start(folder, policy).close())
        .isInstanceOf(TlsFiles.UnusableTls.class)
        .hasMessageStartingWith("server.tls: expected a PEM certificate chain in ")
        .hasMessageNotContaining("\n");
  }

  private static Answer ask(int port, String method, String path) {
    try (Wire wire = Wire.to(port)) {
      return wire.send(
              method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
          .answer();
    }
  }
}

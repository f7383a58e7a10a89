package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.testing.Await;

/** An audit log that hangs, or that cannot be written, stops the vending of tokens only. */
@Tag("T15")
@Tag("T16")
@Timeout(120)
final class AuditOutageTest {
  private static final String POLICY = Vendor.OPEN + "server: { management-port: 0 }\n";
  private static final String VEND = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir private Path folder;

  @Test
  void file_that_hangs_gives_503_and_health_and_refusals_go_on() throws Exception {
    Path pipe = folder.resolve("audit.jsonl");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (Vendor vendor = Vendor.start(folder, POLICY).ready()) {
      assertThat(vendor.ask(VEND).status()).isEqualTo(503);
      int minted = vendor.minted();
      for (int i = 0; i < 20; i++) {
        assertThat(vendor.ask(VEND).status()).isEqualTo(503);
      }
      assertThat(vendor.minted()).isEqualTo(minted).isLessThanOrEqualTo(1);
      assertThat(vendor.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status())
          .isEqualTo(200);
      Await.until(
          "it happens",
          () -> vendor.ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").status() == 503);
      Await.until("it happens", () -> readiness(vendor).contains("audit log"));
      assertThat(vendor.ask("GET / HTTP/1.1\r\n\r\n").status()).isEqualTo(400);
      assertThat(vendor.ask("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n").status()).isEqualTo(404);
      assertThat(readiness(vendor))
          .contains("the audit log cannot be written: " + pipe + ": no line was accepted");
      Await.until("it happens", () -> Scrape.of(vendor).value("tvm_audit_writable") == 0);
      try (BufferedReader reader = Files.newBufferedReader(pipe)) {
        Await.until("it happens", () -> readiness(vendor).equals("{\"ready\":true}"));
        assertThat(vendor.ask(VEND).status()).isEqualTo(200);
        Await.until("it happens", () -> Scrape.of(vendor).value("tvm_audit_writable") == 1);
        assertThat(reader.readLine()).contains("\"outcome\":\"vended\"");
        assertThat(reader.readLine()).contains("NOT_AUDITED");
      }
    }
  }

  @Test
  void full_disk_costs_one_token_and_not_one_a_request() throws Exception {
    Path file = folder.resolve("audit.jsonl");
    Files.createSymbolicLink(file, Path.of("/dev/full"));
    try (Vendor vendor = Vendor.start(folder, POLICY).ready()) {
      for (int i = 0; i < 20; i++) {
        assertThat(vendor.ask(VEND).status()).isEqualTo(503);
      }
      assertThat(vendor.minted()).isEqualTo(1);
      Await.until("it happens", () -> readiness(vendor).contains("No space left"));
      Files.delete(file);
      Await.until("it happens", () -> readiness(vendor).equals("{\"ready\":true}"));
      assertThat(vendor.ask(VEND).status()).isEqualTo(200);
      assertThat(vendor.minted()).isEqualTo(2);
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(21);
    for (String line : lines) {
      assertThat(new ObjectMapper().readTree(line).has("requestId")).isTrue();
    }
    assertThat(lines).filteredOn(line -> line.contains("\"vended\"")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void standard_output_that_is_not_read_gives_503_until_it_is_read_and_a_signal_ends_the_process(
      boolean withStandardError) throws Exception {
    try (TokenServiceAtLoopback tokens = new TokenServiceAtLoopback()) {
      Files.writeString(folder.resolve("key"), TokenServiceAtLoopback.apiKey("one"));
      Files.writeString(
          folder.resolve("tvm.yaml"),
          Vendor.OPEN
              + "momento: { api-key: 'file:key', token-service: '"
              + tokens.uri()
              + "', budget: 1000/s }\n");
      Process server = serve(withStandardError);
      try (BufferedReader stdout =
          new BufferedReader(new InputStreamReader(server.getInputStream(), UTF_8), 256)) {
        int port = port(stdout);
        int vended = 0;
        while (ask(port, "/?name=" + "x".repeat(60)) == 200) {
          vended++;
          assertThat(vended).isLessThan(5_000);
        }
        int minted = tokens.keys().size();
        for (int i = 0; i < 20; i++) {
          assertThat(ask(port, "/")).isEqualTo(503);
        }
        assertThat(tokens.keys()).hasSize(minted);
        assertThat(ask(port, "/healthz")).isEqualTo(200);
        Await.until("it happens", () -> ask(port, "/readyz") == 503);

        for (int lines = 0; lines < vended; ) {
          String line = Objects.requireNonNull(stdout.readLine());
          lines += line.contains("\"vended\"") ? 1 : 0;
        }
        Await.until("it happens", () -> ask(port, "/") == 200);

        while (ask(port, "/?name=" + "x".repeat(60)) == 200) {}
        server.destroy();
        assertThat(server.waitFor(15, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isZero();
      } finally {
        server.destroyForcibly();
      }
    }
  }

  private Process serve(boolean withStandardError) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "tokenvending.server.cli.Main",
            "serve",
            "--port",
            "0",
            "--config",
            folder.resolve("tvm.yaml").toString());
    return withStandardError
        ? builder.redirectErrorStream(true).start()
        : builder.redirectError(folder.resolve("stderr").toFile()).start();
  }

  private static int port(BufferedReader stdout) throws IOException {
    for (String line = stdout.readLine(); line != null; line = stdout.readLine()) {
      if (line.startsWith("ready: ")) {
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
      }
    }
    throw new AssertionError("it ended before it was ready");
  }

  private static int ask(int port, String path) {
    try (Wire wire = Wire.to(port)) {
      return wire.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").answer().status();
    }
  }

  private static String readiness(Vendor vendor) {
    try (Wire wire = Wire.to(vendor.server.managementPort().orElseThrow())) {
      return wire.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").answer().body();
    }
  }
}

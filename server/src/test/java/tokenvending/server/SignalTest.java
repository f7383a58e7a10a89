package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server process does on SIGTERM and SIGHUP. */
@Timeout(120)
final class SignalTest {
  /** Of the machine that tests run on, where other work may take the processor. */
  private static final Duration SLACK = Duration.ofMillis(1_500);

  private static final Duration IDLE = Duration.ofMillis(1_500).plus(SLACK);
  private static final Duration BUSY = Duration.ofSeconds(15);

  private static final String LOCAL =
      Vendor.OPEN + "audit: { to: 'file:audit.jsonl' }\nserver: { management-port: 0 }\n";
  private static final String VEND = "GET /?name=a HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir private Path folder;

  /** A server of its own, and what it prints. */
  private static final class Server implements AutoCloseable {
    final Process process;
    private final BlockingQueue<String> printed = new LinkedBlockingQueue<>();

    static Server with(Path folder, String policy, String... options) throws IOException {
      return new Server(Files.writeString(folder.resolve("tvm.yaml"), policy), List.of(options));
    }

    Server(Path file, List<String> options) throws IOException {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "tokenvending.server.cli.Main",
                  "serve",
                  "--port",
                  "0",
                  "--config",
                  file.toString()));
      command.addAll(options);
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().remove("JAVA_TOOL_OPTIONS");
      builder.environment().remove("MOMENTO_API_KEY");
      process = builder.start();
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader out = process.inputReader(UTF_8)) {
        out.lines().forEach(printed::add);
      } catch (IOException | UncheckedIOException e) {
        // The process has ended.
      }
    }

    String line(String part) throws InterruptedException {
      List<String> others = new ArrayList<>();
      for (String line = next(); line != null; line = next()) {
        if (line.contains(part)) {
          return line;
        }
        others.add(line);
      }
      throw new AssertionError("no line with " + part + " in " + others);
    }

    private String next() throws InterruptedException {
      return printed.poll(30, TimeUnit.SECONDS);
    }

    int port() throws InterruptedException {
      String ready = line("ready: ");
      return Integer.parseInt(ready.substring(ready.lastIndexOf(':') + 1));
    }

    void signal(String name) throws IOException, InterruptedException {
      assertThat(new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor())
          .isZero();
    }

    void endsWithin(Duration time) throws InterruptedException {
      assertThat(process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly();
    }
  }

  @Test
  void an_idle_server_with_both_ports_ends_at_once() throws IOException, InterruptedException {
    try (Server server = Server.with(folder, LOCAL)) {
      int port = server.port();
      try (Wire kept = Wire.to(port)) {
        assertThat(kept.send(VEND).answer().body()).contains("authToken");
        server.signal("TERM");
        server.endsWithin(IDLE);
        assertThat(kept.ends()).isTrue();
      }
    }
  }

  @Test
  void a_server_under_load_answers_what_has_arrived_and_ends()
      throws IOException, InterruptedException {
    String slow = LOCAL + "momento: { budget: 1/s, max-wait: 5s }\n";
    try (Server server = Server.with(folder, slow)) {
      int port = server.port();
      List<Wire> waiting = IntStream.range(0, 4).mapToObj(i -> Wire.to(port)).toList();
      waiting.forEach(wire -> wire.send(VEND));
      Thread load =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!Thread.interrupted()) {
                      try (Wire wire = Wire.to(port)) {
                        wire.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
                      } catch (UncheckedIOException e) {
                        return;
                      }
                    }
                  });
      // The first has been answered, so the others wait.
      assertThat(waiting.getFirst().answer().status()).isEqualTo(200);
      server.signal("TERM");
      for (Wire wire : waiting.subList(1, 4)) {
        assertThat(wire.answer().status()).isEqualTo(200);
        wire.close();
      }
      server.endsWithin(BUSY);
      load.interrupt();
      load.join();
    }
  }

  @Test
  void a_signal_before_the_port_is_open_is_a_stop_that_went_well()
      throws IOException, InterruptedException {
    Path pipe = folder.resolve("pipe.yaml");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (Server server = new Server(pipe, List.of());
        // It can be opened when the other end is.
        OutputStream held = Files.newOutputStream(pipe, StandardOpenOption.WRITE)) {
      assertThat(held).isNotNull();
      server.signal("HUP");
      server.signal("TERM");
      server.endsWithin(IDLE);
    }
  }

  @Test
  void so_is_one_before_a_token_can_be_had() throws IOException, InterruptedException {
    String waits =
        LOCAL.replace("  - open: {}", "  - oidc: { issuer: \"http://127.0.0.1:1\", audience: a }");
    try (Server server = Server.with(folder, waits.replace("${request.name}", "${subject}"))) {
      server.line("not ready yet");
      server.signal("TERM");
      server.endsWithin(IDLE);
    }
  }

  @Test
  void SIGHUP_reads_the_file_again_and_ends_nothing() throws IOException, InterruptedException {
    try (Server server = Server.with(folder, LOCAL)) {
      int port = server.port();
      server.signal("HUP");
      server.line("no change");
      Files.writeString(folder.resolve("tvm.yaml"), LOCAL.replace("15m", "10m"));
      server.signal("HUP");
      server.line("is in use");
      try (Wire wire = Wire.to(port)) {
        assertThat(wire.send(VEND).answer().body()).containsPattern("\"expiresIn\":(600|599)\\b");
      }
      server.signal("TERM");
      server.endsWithin(IDLE);
    }
  }

  @Test
  void an_IPv6_host_stands_in_brackets() throws IOException, InterruptedException {
    try (Server server = Server.with(folder, LOCAL, "--host", "::1")) {
      assertThat(server.line("ready: ")).matches("ready: http://\\[::1]:[0-9]+");
    }
  }
}

package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.server.cli.CommandRun;

/**
 * The server as a process of its own, after a story with marked credentials: what its heap still
 * holds of them after a forced collection, and what its threads and class names say.
 */
@Tag("T4")
@Tag("T5")
@Tag("I5")
@Timeout(120)
final class MemoryHoldsOneSecretTest {
  private static final String REPLACED = "0ldk4ymarkHeapYw8NcZq3RtP5v";
  private static final String API_KEY = "k4ymarkHeap7QpZx2LmVb9TrW1s";
  private static final String PASSWORD = "p4ssmarkHeapRj3kU9wEyT6iO1aS";
  private static final String WRONG = "wr0ngmarkHeapBn5hM2qXcV8dF4gK";

  private static final String SECRET = "tokenvending.secret.Secret ";

  /** The transport's: okio's pool of buffers, in which gRPC puts together its frames. */
  private static final String GRPC_FRAMES = "okio.Segment 8192";

  /**
   * The transport's: what Netty turns bytes of a request into text in, one for each of its threads
   * ({@code ByteBufUtil}), held in the array of that thread's variables.
   */
  private static final String HTTP_HEADS = "[Ljava.lang.Object; 1024";

  @TempDir private Path folder;

  @Test
  void after_a_collection_one_Secret_holds_the_key_and_nothing_a_password() throws Exception {
    String hash = CommandRun.reading(PASSWORD, "hash-password").out().strip();
    Files.writeString(
        folder.resolve("users.yaml"), "ann: { hash: \"" + hash + "\", groups: [] }\n");
    Files.writeString(folder.resolve("key"), TokenServiceAtLoopback.apiKey(REPLACED));
    try (TokenServiceAtLoopback upstream = new TokenServiceAtLoopback()) {
      upstream.accept(REPLACED);
      Files.writeString(
          folder.resolve("tvm.yaml"),
          """
          authentication:
            - password: { users: "file:users.yaml" }
          rules:
            - id: everyone
              ttl: 10m
              permissions:
                - { role: ReadOnly, cache: a }
          momento: { api-key: "file:key", token-service: "%s" }
          audit: { to: "file:audit.jsonl" }
          """
              .formatted(upstream.uri()));
      Process server =
          new ProcessBuilder(
                  program("java"),
                  "-cp",
                  System.getProperty("java.class.path"),
                  "tokenvending.server.cli.Main",
                  "serve",
                  "--config",
                  folder.resolve("tvm.yaml").toString(),
                  "--port",
                  "0")
              .redirectError(folder.resolve("log").toFile())
              .start();
      try (BufferedReader out = server.inputReader()) {
        int port = port(out);
        assertThat(ask(port, basic(PASSWORD))).isEqualTo(200);
        Files.writeString(folder.resolve("key"), TokenServiceAtLoopback.apiKey(API_KEY));
        upstream.accept(API_KEY);
        untilVended(port);
        story(port);
        assertThat(upstream.keys()).hasSizeGreaterThan(5).contains(REPLACED, API_KEY);
        untilRequestsAreForgotten(port);

        Path dump = folder.resolve("heap.hprof");
        jcmd(server, "GC.run");
        jcmd(server, "GC.heap_dump", dump.toString());
        List<String> key = HeapDump.holders(dump, API_KEY);
        assertThat(key).containsOnlyOnce(SECRET + API_KEY.length());
        assertThat(key).isSubsetOf(SECRET + API_KEY.length(), GRPC_FRAMES);
        assertThat(HeapDump.holders(dump, REPLACED)).isSubsetOf(GRPC_FRAMES);
        String encoded = Base64.getEncoder().encodeToString(("ann:" + PASSWORD).getBytes(UTF_8));
        for (String password : List.of(PASSWORD, WRONG, encoded)) {
          assertThat(HeapDump.holders(dump, password)).isSubsetOf(HTTP_HEADS);
        }
        String told = jcmd(server, "Thread.print", "-l", "-e") + jcmd(server, "GC.class_histogram");
        assertThat(told)
            .contains("tokenvending.secret.Secret", "\"main\"")
            .doesNotContain(API_KEY, REPLACED, PASSWORD, WRONG);
      } finally {
        server.destroyForcibly().waitFor();
      }
    }
  }

  /** A key that is refused is read again, though not twice in a second. */
  private static void untilVended(int port) {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (ask(port, basic(PASSWORD)) != 200) {
      assertThat(System.nanoTime()).isLessThan(end);
    }
  }

  /** A request lives for ten seconds at most; other requests take the place of the last ones. */
  private static void untilRequestsAreForgotten(int port) {
    long end = System.nanoTime() + Duration.ofSeconds(11).toNanos();
    while (System.nanoTime() < end) {
      try (Wire wire = Wire.to(port)) {
        assertThat(wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").answer().status())
            .isEqualTo(200);
      }
    }
  }

  private static void story(int port) {
    for (int i = 0; i < 10; i++) {
      assertThat(ask(port, basic(PASSWORD))).isEqualTo(200);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(ask(port, basic(WRONG))).isEqualTo(401);
    }
    assertThat(ask(port, "username: ann\r\npassword: " + PASSWORD + "\r\n")).isEqualTo(200);
  }

  private static int ask(int port, String headers) {
    try (Wire wire = Wire.to(port)) {
      return wire.send("GET / HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n")
          .answer()
          .status();
    }
  }

  private static String basic(String password) {
    String pair = Base64.getEncoder().encodeToString(("ann:" + password).getBytes(UTF_8));
    return "Authorization: Basic " + pair + "\r\n";
  }

  private int port(BufferedReader out) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("ready: ")) {
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).replace("/", ""));
      }
    }
    throw new AssertionError("the server ended: " + Files.readString(folder.resolve("log")));
  }

  private static String jcmd(Process process, String... command) throws Exception {
    List<String> all = new ArrayList<>(List.of(program("jcmd"), Long.toString(process.pid())));
    all.addAll(List.of(command));
    Process jcmd = new ProcessBuilder(all).redirectErrorStream(true).start();
    String said = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
    assertThat(jcmd.waitFor()).as(said).isZero();
    return said;
  }

  private static String program(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }
}

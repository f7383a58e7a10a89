package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@Timeout(180)
class LocalCommandTest {

  /** What the launcher does, for the process that the tests start. */
  static final class Launch {

    private Launch() {}

    public static void main(String[] arguments) {
      System.exit(new CommandLine(new LocalCommand()).execute(arguments));
    }
  }

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new LocalCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--port=x",
        "--port=65536",
        "--port=-1",
        "--auth-rate=0/s",
        "--auth-rate=fast",
        "--auth-rate=5/m",
        "--endpoint=http://localhost",
        "--endpoint=",
        "--api-key=two words",
        "--api-key=",
        "--cache=",
        "--admin-port=65536",
        "--return-error=down",
        "--error-rpcs=get",
        "--error-count=1",
        "--host=localhost",
        "--host=",
        "--host=0.0.0.0",
        "--no-such-option"
      })
  void a_bad_option_is_refused_with_exit_code_2(String option) {
    assertThat(run("--port", "0", option)).isEqualTo(2);
    assertThat(err.toString()).isNotBlank();
    assertThat(out.toString()).doesNotContain("ready:");
  }

  @Test
  void faults_are_only_of_known_calls() {
    assertThat(run("--port=0", "--return-error=internal", "--error-rpcs=get,fetch")).isEqualTo(2);
    assertThat(err.toString()).contains("fetch");
    assertThat(run("--port=0", "--return-error=internal", "--error-count=-1")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--host=0.0.0.0",
        "--allow-remote",
        "--api-key=k",
        "--allow-remote --api-key=k --keyless"
      })
  void other_machines_need_an_option_and_a_key(String options) {
    assertThat(run(("--port=0 --host=0.0.0.0 " + options).split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains("--allow-remote", "--api-key", "--keyless");
  }

  @Test
  void two_equal_keys_are_refused() {
    assertThat(run("--port", "0", "--api-key", "k", "--session-key", "k")).isEqualTo(2);
  }

  @Test
  void a_port_in_use_is_one_sentence_and_exit_code_1() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(run("--port", String.valueOf(taken.getLocalPort()))).isEqualTo(1);
      assertThat(err.toString().strip().lines()).hasSize(1);
      assertThat(err.toString()).contains(String.valueOf(taken.getLocalPort()));
      assertThat(out.toString()).doesNotContain("ready:");
    }
  }

  @Test
  void other_machines_reach_it_by_option() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // A port in use, because a test must not listen to other machines.
      String[] options = {
        "--host=0.0.0.0", "--allow-remote", "--api-key=k", "--port=" + taken.getLocalPort()
      };
      assertThat(run(options)).isEqualTo(1);
      assertThat(err.toString()).contains(" on 0.0.0.0 is in use");
    }
  }

  @Test
  void it_says_what_it_is_and_stops_with_0_when_told_to() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Launch.class.getName(),
                "--port",
                "0",
                "--cache",
                "more",
                "--admin-port",
                "0",
                "--api-key",
                "given-key")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      List<String> greeting = new ArrayList<>();
      String line = lines.readLine();
      while (line != null && greeting.size() < 100) {
        greeting.add(line);
        line = line.startsWith("ready: ") ? null : lines.readLine();
      }
      assertThat(greeting.getLast()).matches("ready: http://127\\.0\\.0\\.1:[0-9]+");
      assertThat(String.join("\n", greeting))
          .contains(
              "momento-local",
              "this machine only",
              "default-cache, more",
              "API key (v1)",
              "admin ");

      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }
}

package tokenvending.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The app as the CDK's command line runs it: a process of its own. */
final class CdkAppTest {
  /** Loaded by the CDK's node before anything else: whoever opens a connection ends it. */
  private static final String NO_NETWORK =
      """
      const refuse = (what) => () => { process.stderr.write('NETWORK: ' + what + '\\n'); process.exit(77); };
      require('net').Socket.prototype.connect = refuse('connect');
      require('dns').lookup = refuse('lookup');
      require('dgram').createSocket = refuse('datagram');
      """;

  @TempDir Path work;

  private record Run(int exit, String out, String err) {}

  private Run run(String context) throws IOException, InterruptedException {
    Path hook = work.resolve("no-network.js");
    Files.writeString(hook, NO_NETWORK);
    Path code = Files.createDirectories(work.resolve("function"));
    Files.writeString(code.resolve("stand-in.jar"), "not the functions' code");
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "tokenvending.infrastructure.CdkApp",
                    code.toString(),
                    work.resolve("staging").toString()))
            .directory(work.toFile())
            .redirectOutput(work.resolve("out").toFile())
            .redirectError(work.resolve("err").toFile());
    builder.environment().put("CDK_OUTDIR", work.resolve("cdk.out").toString());
    builder.environment().put("CDK_CONTEXT_JSON", context);
    builder.environment().put("NODE_OPTIONS", "--require " + hook);
    Process process = builder.start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    return new Run(
        process.exitValue(),
        Files.readString(work.resolve("out")),
        Files.readString(work.resolve("err")));
  }

  @Test
  void synth_opens_no_connection_and_prints_nothing() throws IOException, InterruptedException {
    Run run = run("{\"stack\":\"Mine\",\"config\":\"default\"}");

    assertThat(run.err()).doesNotContain("NETWORK");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(work.resolve("cdk.out/Mine.template.json")).isRegularFile();
  }

  @Test
  void unknown_option_ends_with_two_and_the_known_ones() throws IOException, InterruptedException {
    Run run = run("{\"runtime\":\"own\",\"config\":\"default\"}");

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("-c runtime: unknown option").contains("momento-secret");
    assertThat(work.resolve("cdk.out/MomentoTokenVendingMachine.template.json")).doesNotExist();
  }

  @Test
  void bad_file_ends_with_two_and_all_problems_by_line() throws IOException, InterruptedException {
    Files.writeString(
        work.resolve("bad.yaml"),
        "authentication:\n  - password: { users: file:users.yaml }\nrules: []\ncolour: blue\n");
    Run run = run("{\"config\":\"bad.yaml\"}");

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("bad.yaml:4: colour:");
    assertThat(work.resolve("cdk.out/MomentoTokenVendingMachine.template.json")).doesNotExist();
  }
}

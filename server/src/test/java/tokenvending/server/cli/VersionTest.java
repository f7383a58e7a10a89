package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class VersionTest {
  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V", "check --version", "serve -V", "local --version"})
  void every_command_tells_the_version(String line) {
    StringWriter out = new StringWriter();
    CommandLine all = Main.commandLine().setOut(new PrintWriter(out));

    assertThat(all.execute(line.split(" ", -1))).isZero();
    assertThat(out.toString()).startsWith("tvm");
  }
}

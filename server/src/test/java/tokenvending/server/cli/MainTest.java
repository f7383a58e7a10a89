package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.ServerProcess;

/** How a process ends that nobody ended. */
@DisplayNameGeneration(ReplaceUnderscores.class)
final class MainTest {
  private static final String LINE =
      "tvm: internal error: java.lang.IllegalStateException, by"
          + " java.lang.ArithmeticException at"
          + " tokenvending\\.server\\.cli\\.MainTest\\S+\\(MainTest\\.java:[0-9]+\\)\\R";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, UTF_8);

  @Test
  void a_fault_is_told_in_one_line_that_does_not_quote_it() {
    assertThat(Main.ending(MainTest::fault, err)).isEqualTo(ExitCode.REFUSED);
    assertThat(bytes.toString(UTF_8)).matches(LINE).doesNotContain("secret");
  }

  @Test
  void a_fault_below_picocli_is_told_as_well() {
    StringWriter told = new StringWriter();
    CommandLine all =
        Main.commandLine().addSubcommand("break", new Broken()).setErr(new PrintWriter(told));
    assertThat(all.execute("break")).isEqualTo(ExitCode.REFUSED);
    assertThat(told.toString()).matches(LINE).doesNotContain("secret");
  }

  @Test
  void an_error_ends_it_too() {
    Callable<Integer> missing =
        () -> {
          throw new NoClassDefFoundError("tokenvending/Missing");
        };
    assertThat(Main.ending(missing, err)).isEqualTo(ExitCode.REFUSED);
    assertThat(bytes.toString(UTF_8)).contains("tokenvending/Missing");
  }

  @Test
  void what_could_not_be_written_was_not_done() {
    PrintStream full =
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("no space");
              }
            },
            true,
            UTF_8);
    full.println("a hash");
    assertThat(Main.written(ExitCode.DONE, full, err)).isEqualTo(ExitCode.REFUSED);
    assertThat(bytes.toString(UTF_8)).contains("standard output cannot be written");
    assertThat(Main.written(ExitCode.WRONG_INPUT, full, err)).isEqualTo(ExitCode.WRONG_INPUT);
  }

  @Test
  void what_is_done_ends_with_its_own_code_and_says_nothing() {
    assertThat(Main.ending(() -> ExitCode.WRONG_INPUT, err)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(bytes.size()).isZero();
  }

  @Test
  void a_text_that_is_no_path_is_a_wrong_option() {
    StringWriter told = new StringWriter();
    String[] line = {"serve", "--config", "tvm\0.yaml"};
    assertThat(ServeArguments.parse(line)).isEmpty();
    assertThat(Main.commandLine(line).setErr(new PrintWriter(told)).execute(line))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(told.toString()).startsWith("Invalid value for option '--config'");
  }

  @Test
  void serve_takes_its_file_with_an_option_or_without() {
    Optional<ServerProcess> named =
        ServeArguments.parse("serve", "--port", "0", "--config", "a.yaml");

    assertThat(named).isPresent();
    assertThat(ServeArguments.parse("serve", "a.yaml", "--port", "0")).isEqualTo(named);
    assertThat(ServeArguments.parse("serve", "--port", "0", "a.yaml")).isEqualTo(named);
    assertThat(ServeArguments.parse("serve", "a.yaml", "--config", "a.yaml")).isEmpty();
    assertThat(ServeArguments.parse("serve", "a.yaml", "b.yaml")).isEmpty();
    assertThat(ServeArguments.parse("serve", "a.yaml", "--port")).isEmpty();
  }

  private static int fault() {
    throw new IllegalStateException("a secret", new ArithmeticException("another secret"));
  }

  @Command(name = "break")
  private static final class Broken implements Callable<Integer> {
    @Override
    public Integer call() {
      return fault();
    }
  }
}

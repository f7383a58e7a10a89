package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.server.lifecycle.ExitCode;

/** Scripts for shells, and the schema for editors. */
@DisplayNameGeneration(ReplaceUnderscores.class)
final class CompletionCommandTest {
  /** What a shell does when a user presses the tab key behind these words. */
  private static final String TAB =
      """
      source "$0"
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      _complete_tvm
      printf '%s\\n' "${COMPREPLY[@]}"
      """;

  @TempDir private Path folder;

  private List<String> completed(String... words) throws IOException, InterruptedException {
    String script = CommandRun.line("completion", "bash").out();
    Path file = Files.writeString(folder.resolve("tvm.bash"), script);
    List<String> command = new ArrayList<>(List.of("bash", "-c", TAB, file.toString()));
    command.addAll(List.of(words));
    // Outside of a completion bash complains of compopt, and goes on.
    Process bash = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
    String printed = new String(bash.getInputStream().readAllBytes(), UTF_8);
    assertThat(bash.waitFor()).as(printed).isZero();
    return printed.lines().toList();
  }

  @Test
  void bash_completes_commands_and_their_options() throws IOException, InterruptedException {
    assertThat(completed("tvm", "ex")).containsExactly("explain");
    assertThat(completed("tvm", "check", "--c")).containsExactly("--config", "--cases");
    assertThat(completed("tvm", "serve", "--p")).containsExactly("--port");
  }

  @Test
  void zsh_gets_a_script_as_well_and_another_shell_an_error() {
    assertThat(CommandRun.line("completion", "zsh").out())
        .startsWith("#compdef tvm")
        .contains("bashcompinit");
    CommandRun fish = CommandRun.line("completion", "fish");
    assertThat(fish.code()).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(fish.err()).contains("bash, zsh");
  }

  @Test
  void the_printed_schema_is_the_published_one() throws IOException {
    CommandRun run = CommandRun.line("schema");
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo(Files.readString(Path.of("..", "tvm.schema.json")));
  }
}

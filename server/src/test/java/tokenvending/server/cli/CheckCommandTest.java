package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.server.cli.CommandRun.example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes: 0 good, 1 a case came out otherwise, 2 the file is wrong. */
final class CheckCommandTest {
  private static final String GOOD =
      """
      authentication:
        - open: {}
      rules:
        - id: everyone
          permissions:
            - { role: ReadOnly, cache: a, item: all }
      """;

  private static final String CASE =
      """
      cases:
        - name: anybody reads
          granted: { permissions: [ReadOnly cache=a] }
      """;

  @TempDir private Path folder;

  private static CommandRun check(Object... arguments) {
    return CommandRun.of(
        new CheckCommand(), Stream.of(arguments).map(Object::toString).toArray(String[]::new));
  }

  private Path written(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void good_file_is_0_and_its_warnings_go_to_standard_error() throws IOException {
    Path file = written("tvm.yaml", GOOD);

    CommandRun run = check(file);

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualToNormalizingNewlines(file + ": valid, 1 rule, 2 warnings\n");
    assertThat(run.err().lines().filter(line -> line.startsWith(file + ":")))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains(": warning: "));
  }

  @Test
  @Tag("T19")
  void wrong_file_is_2_and_every_problem_has_its_line() throws IOException {
    Path file = written("tvm.yaml", GOOD.replace("role: ReadOnly", "role: Everything") + "x: 1\n");

    CommandRun run = check(file);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(file + ":6:").contains(file + ":7:");
  }

  @Test
  @Tag("T15")
  void audit_log_that_cannot_be_written_here_is_2_with_its_line() throws IOException {
    String audit = "audit: { to: 'file:%s' }\n";
    CommandRun missing = check(written("a.yaml", GOOD + audit.formatted("logs/audit.jsonl")));
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err())
        .contains("a.yaml:", "audit.to", "the folder " + folder.resolve("logs"))
        .contains("does not exist");

    Files.createDirectories(folder.resolve("logs/audit.jsonl"));
    CommandRun directory = check(written("b.yaml", GOOD + audit.formatted("logs/audit.jsonl")));
    assertThat(directory.code()).isEqualTo(2);
    assertThat(directory.err()).contains("is a directory");

    assertThat(check(written("c.yaml", GOOD + audit.formatted("logs/other.jsonl"))).code())
        .isZero();
  }

  @Test
  void file_that_was_asked_for_and_does_not_exist_is_2() {
    CommandRun run = check(folder.resolve("tvm.yaml"));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("there is no such file");
  }

  @Test
  void file_is_named_with_an_option_or_without() throws IOException {
    Path file = written("tvm.yaml", GOOD);

    assertThat(check("--config", file).out()).startsWith(file + ": valid");
    assertThat(check("--config=" + file).out()).startsWith(file + ": valid");
    assertThat(check(file, "--config", file).code()).isEqualTo(2);
    assertThat(check(file, "--config", file).err()).startsWith("FILE and --config FILE");
  }

  /** The folder of this module holds none. */
  @Test
  void without_a_file_there_is_nothing_to_check() {
    assertThat(check().code()).isEqualTo(2);
    assertThat(check().err()).startsWith("error: there is no tvm.yaml in ");
    assertThat(check("--config", "default").out()).startsWith("built-in default: valid");
  }

  @Test
  void unknown_option_is_2() {
    assertThat(check("--case", "x").code()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat-rooms", "cognito", "guests", "oidc", "open", "password"})
  void cases_of_each_example_hold(String name) {
    CommandRun run = check(example(name + ".yaml"), "--cases", example(name + ".cases.yaml"));

    assertThat(run.out()).contains("ok    ").contains(" 0 failed").doesNotContain("FAIL");
    assertThat(run.code()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat-rooms", "cognito", "guests", "oidc", "open", "password"})
  void cases_of_each_example_fail_under_another_example(String name) {
    String other = name.equals("password") ? "open" : "password";

    CommandRun run = check(example(other + ".yaml"), "--cases", example(name + ".cases.yaml"));

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("FAIL  ");
  }

  @Test
  void one_case_that_comes_out_otherwise_is_1_and_says_how() throws IOException {
    Path file = written("tvm.yaml", GOOD);
    Path cases =
        written(
            "cases.yaml",
            CASE + "  - name: nobody writes\n    granted: { permissions: [WriteOnly cache=a] }\n");

    CommandRun run = check(file, "--cases", cases);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .contains("ok    anybody reads")
        .contains("FAIL  nobody writes")
        .contains("granted [ReadOnly cache=a]")
        .contains("2 cases, 1 failed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cases: []",
        "cases:\n  - name: neither\n",
        "cases:\n  - name: both\n    granted: {}\n    refused: any\n",
        "cases:\n  - name: typo\n    grunted: {}\n",
        "cases:\n  - name: no reason\n    refused: because\n",
        "cases:\n  - name: no permission\n    permission: Everything\n    refused: any\n",
      })
  void cases_that_cannot_be_read_are_2(String text) throws IOException {
    Path file = written("tvm.yaml", GOOD);
    Path cases = written("cases.yaml", text);

    CommandRun run = check(file, "--cases", cases);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(cases + ":");
  }
}

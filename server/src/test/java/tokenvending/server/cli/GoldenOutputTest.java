package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.server.cli.CommandRun.example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.api.Problem;
import tokenvending.testing.Golden;

/** What users read of {@code check}, {@code explain} and problem documents. */
final class GoldenOutputTest {
  private static final String VALID =
      """
      authentication:
        - open: {}
      rules:
        - id: everyone
          permissions:
            - { role: ReadOnly, cache: a, item: all }
      """;

  private static final String INVALID =
      """
      authentication:
        - open: {}
      rules:
        - id: everyone
          ttl: 26h
          permissions:
            - { role: ReadOnli, cache: a, item: all }
      momento:
      \tapi-key: env:KEY
      """;

  /** Each place in which a credential can be written by mistake. */
  private static final String MISTAKES =
      """
      authentication:
        - open: {}
      rules:
        - id: everyone
          permissions:
            - { role: ReadOnly, cache: a, item: all }
      momento: { api-key: s3cr3t, endpoint: "s3cr3t!", apikey: s3cr3t }
      state: redis://user:s3cr3t@valkey
      password: s3cr3t
      token: { secret: s3cr3t, x: [ eyJhbGciOiJIUzI1NiJ9s3cr3t ] }
      """;

  private static final String CASES =
      """
      cases:
        - name: every caller reads
          granted: { permissions: [ReadOnly cache=a] }
        - name: no caller, 100% sure
          refused: any
      """;

  @TempDir private Path folder;

  private String check(String policy, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("tvm.yaml"), policy);
    Path cases = Files.writeString(folder.resolve("cases.yaml"), CASES);
    List<String> line = new ArrayList<>(List.of("check", file.toString()));
    for (String argument : more) {
      line.add(argument.replace("CASES", cases.toString()));
    }
    CommandRun run = CommandRun.line(line.toArray(String[]::new));
    return ("exit code " + run.code() + "\n" + run.err() + run.out())
        .replace(folder.toUri().toString(), "")
        .replace(folder + "/", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "json", "github", "sarif"})
  void check_prints_the_reviewed_output(String format) throws IOException {
    String formatted = "--format=" + format;
    Golden.check(
        "check-" + format + ".txt",
        check(INVALID.replace("\t", "  ").replace("\n  api", "\n  apy"), formatted)
            + check(INVALID, formatted)
            + check(VALID, formatted, "--cases=CASES"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "json", "github", "sarif"})
  void check_prints_no_credential(String format) throws IOException {
    assertThat(check(MISTAKES, "--format=" + format))
        .startsWith("exit code 2")
        .contains("apikey")
        .doesNotContain("s3cr3t", "eyJ");
  }

  @Test
  void unknown_format_is_2() throws IOException {
    assertThat(check(VALID, "--format=xml"))
        .isEqualToNormalizingNewlines(
            "exit code 2\n--format: expected text, json, github or sarif\n");
  }

  @Test
  void explain_prints_the_reviewed_output() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String question :
        List.of(
            "chat-rooms.yaml --as=sub=ann,groups=moderators --param=room=1",
            "chat-rooms.yaml --as=sub=ann --param=room=1 --ttl=90s",
            "chat-rooms.yaml --as=sub=ann --param=room=1 --ttl=20h",
            "chat-rooms.yaml --as=sub=ann",
            "password.yaml",
            "oidc.yaml --as=sub=ann,iss=https://elsewhere.example/")) {
      List<String> line = new ArrayList<>(List.of("explain", "--config"));
      line.addAll(Arrays.asList(question.split(" ", -1)));
      line.set(2, example(line.get(2)));
      CommandRun run = CommandRun.line(line.toArray(String[]::new));
      all.append("explain ").append(question).append(": exit code ").append(run.code());
      all.append('\n').append(run.err()).append(run.out()).append('\n');
    }

    Golden.check("explain.txt", all.toString());
  }

  @Test
  void problem_documents_have_the_reviewed_texts() throws IOException {
    Golden.check(
        "problems.txt",
        Arrays.stream(Problem.values())
            .map(
                one -> one.status() + " " + one.type() + "\n  " + one.title() + ": " + one.detail())
            .collect(Collectors.joining("\n", "", "\n")));
  }
}

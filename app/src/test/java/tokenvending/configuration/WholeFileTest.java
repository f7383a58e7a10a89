package tokenvending.configuration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class WholeFileTest {
  @TempDir private Path folder;

  private List<String> problems(Path file) {
    return switch (ConfigurationReader.read(file)) {
      case ConfigurationResult.Read read -> List.of();
      case ConfigurationResult.Unusable(List<ConfigurationProblem> problems) ->
          problems.stream()
              .filter(ConfigurationProblem::isError)
              .map(ConfigurationProblem::toString)
              .map(text -> text.replace(folder + "/", ""))
              .toList();
    };
  }

  private List<String> problems(byte[] content) throws IOException {
    return problems(Files.write(folder.resolve("tvm.yaml"), content));
  }

  private List<String> problems(String content) throws IOException {
    return problems(content.getBytes(UTF_8));
  }

  @Test
  void a_good_file_is_read_and_its_paths_begin_in_its_folder() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("tvm.yaml"), GoodFileTest.SMALLEST + "audit: { to: file:a.jsonl }\n");

    assertThat(Good.read(ConfigurationReader.read(file)).configuration().audit().to())
        .isEqualTo(new AuditSettings.File(folder.resolve("a.jsonl")));
  }

  @Test
  void a_missing_file_is_told_in_one_sentence() {
    assertThat(problems(folder.resolve("tvm.yaml")))
        .containsExactly("tvm.yaml: there is no such file");
  }

  @Test
  void a_directory_is_told_in_one_sentence() throws IOException {
    assertThat(problems(Files.createDirectory(folder.resolve("tvm.yaml"))))
        .containsExactly("tvm.yaml: is a directory: expected a file");
  }

  @Test
  void a_file_in_another_encoding_is_told_with_its_line() throws IOException {
    assertThat(problems((GoodFileTest.SMALLEST + "# Grüße\n").getBytes(ISO_8859_1)))
        .containsExactly("tvm.yaml:7: is not UTF-8: save it as UTF-8");
    assertThat(problems(GoodFileTest.SMALLEST + "# Grüße\n")).isEmpty();
  }

  @Test
  void a_character_that_was_cut_off_at_the_end_is_told() throws IOException {
    assertThat(problems(new byte[] {'#', (byte) 0xC3}))
        .containsExactly("tvm.yaml:1: is not UTF-8: save it as UTF-8");
  }

  @Test
  void a_binary_file_is_told_with_its_line() throws IOException {
    assertThat(problems("token:\n  ttl: \0\n"))
        .containsExactly("tvm.yaml:2: contains an unprintable character: is this the right file?");
  }

  @Test
  void an_empty_file_is_told() throws IOException {
    assertThat(problems("")).containsExactly("tvm.yaml: is empty");
    assertThat(problems("# nothing yet\n")).containsExactly("tvm.yaml: is empty");
    assertThat(problems("---\n")).singleElement().asString().contains("no value");
  }

  @Test
  void a_file_over_one_mebibyte_is_refused_unread() throws IOException {
    String exactly = GoodFileTest.SMALLEST + "#".repeat((1 << 20) - GoodFileTest.SMALLEST.length());

    assertThat(problems(exactly)).isEmpty();
    assertThat(problems(exactly + "#"))
        .containsExactly("tvm.yaml: is larger than 1 MiB: is this the right file?");
  }

  @Test
  void what_is_not_yaml_is_told_with_its_line() throws IOException {
    assertThat(problems("token:\n  ttl: 1h\n \"rules"))
        .singleElement()
        .asString()
        .startsWith("tvm.yaml:3: not YAML: ");
    assertThat(problems("{\"token\": ")).singleElement().asString().contains(": not YAML: ");
  }

  @Test
  void json_is_yaml() throws IOException {
    assertThat(
            problems(
                """
                {"authentication": [{"open": {}}],
                 "rules": [{"id": "a", "permissions": [{"role": "ReadWrite", "cache": "chat"}]}]}
                """))
        .isEmpty();
  }

  @Test
  void something_other_than_sections_is_refused() throws IOException {
    assertThat(problems("hello")).singleElement().asString().startsWith("tvm.yaml:1: expected ");
    assertThat(problems("- a")).singleElement().asString().startsWith("tvm.yaml:1: a list: ");
  }

  @Test
  void a_second_document_is_refused() throws IOException {
    assertThat(problems(GoodFileTest.SMALLEST + "---\ntoken: { ttl: 1h }\n"))
        .containsExactly("tvm.yaml:7: a second document begins here: remove the ---");
    assertThat(problems("---\n" + GoodFileTest.SMALLEST)).isEmpty();
  }

  @Test
  @Timeout(20)
  void bombs_do_no_harm() throws IOException {
    assertThat(problems("[".repeat(1 << 20)))
        .containsExactly("tvm.yaml:1: nested more than 24 deep");
    assertThat(problems("{a: ".repeat(200_000)))
        .containsExactly("tvm.yaml:1: nested more than 24 deep");
    assertThat(problems("- ".repeat(200_000))).isNotEmpty();
    assertThat(problems("? ".repeat(200_000))).isNotEmpty();
    assertThat(
            problems(
                """
                a: &a [x]
                b: &b [*a, *a]
                c: &c [*b, *b]
                d: [*c, *c]
                """))
        .anyMatch(problem -> problem.contains("anchors (&name) are not allowed"))
        .anyMatch(problem -> problem.contains("aliases (*name) are not allowed"));
    assertThat(problems("a:\n".repeat(100_000))).hasSizeGreaterThan(99_000);
    assertThat(problems("{,$".repeat(200_000))).isNotEmpty();
  }

  @Test
  @Timeout(20)
  void as_many_rules_as_fit_are_checked_in_bounded_time() throws IOException {
    String rule = "- {id: r%d,permissions: [{role: ReadWrite,cache: c}]}\n";
    StringBuilder thousand = new StringBuilder("authentication: [open]\nrules:\n");
    for (int i = 0; i < 1000; i++) {
      thousand.append(rule.formatted(i));
    }
    assertThat(problems(thousand.toString())).isEmpty();

    StringBuilder more = new StringBuilder(thousand);
    for (int i = 1000; more.length() < 1_040_000; i++) {
      more.append(rule.formatted(i));
    }
    assertThat(problems(more.toString()))
        .singleElement()
        .asString()
        .startsWith("tvm.yaml:2: rules: ")
        .endsWith(" elements: expected at most 1000");
  }
}

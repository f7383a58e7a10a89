package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UsersReaderTest {
  private static final String HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$" + "A".repeat(43);
  private static final String GOOD =
      """
      ann:
        hash: HASH
        groups: [staff, crew]
      bob:
        hash: HASH
      """
          .replace("HASH", HASH);

  private static List<String> problems(String text) {
    return switch (UsersReader.parse(text, "users.yaml")) {
      case UsersResult.Read read -> List.of();
      case UsersResult.Unusable(List<ConfigurationProblem> problems) ->
          problems.stream().map(ConfigurationProblem::toString).toList();
    };
  }

  @Test
  void users_are_read_with_their_groups() {
    assertThat(UsersReader.parse(GOOD, "users.yaml"))
        .isInstanceOfSatisfying(
            UsersResult.Read.class,
            read -> {
              assertThat(read.users().users()).containsOnlyKeys("ann", "bob");
              assertThat(read.users().users().values())
                  .containsExactly(
                      new UsersDocument.User(HASH, List.of("staff", "crew")),
                      new UsersDocument.User(HASH, List.of()));
              assertThat(read.users().toString()).doesNotContain(HASH);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | ann:                | no:              | no: YAML does not read no as a text",
        "1 | ann:                | \"a:b\":         | a:b: a user name must not contain a colon",
        "1 | ann:                | \"\":            | expected a non-empty text",
        "4 | bob:                | ann:             | ann: written twice, first on line 1",
        "3 | groups: [staff      | groups: [1       | ann.groups[0]: YAML does not read 1",
        "3 | groups: [staff      | group: [staff    | ann.group: unknown key, did you mean groups?",
        "2 | $argon2id$          | $2b$             | ann.hash: expected what ./tvm hash-password",
        "2 | $argon2id$          | $argon2i$        | ann.hash: expected what ./tvm hash-password",
        "2 | v=19                | v=16             | ann.hash: expected what ./tvm hash-password",
      })
  void a_bad_line_is_refused_with_its_number(int line, String good, String bad, String problem) {
    String text = GOOD.replaceFirst(Pattern.quote(good), Matcher.quoteReplacement(bad));

    assertThat(problems(text)).singleElement().asString().startsWith("users.yaml:" + line + ": ");
    assertThat(problems(text)).singleElement().asString().contains(problem).doesNotContain(HASH);
  }

  @Test
  void a_user_without_a_hash_is_refused() {
    assertThat(problems("ann: { groups: [staff] }"))
        .singleElement()
        .asString()
        .startsWith("users.yaml:1: ann.hash: missing: expected what ./tvm hash-password prints");
  }

  @Test
  void a_bare_hash_inside_braces_is_answered_with_quotes() {
    assertThat(problems("ann: { hash: " + HASH + " }"))
        .anyMatch(problem -> problem.contains("in quotes where it stands inside { }"));
    assertThat(problems("ann: { hash: \"" + HASH + "\" }")).isEmpty();
  }

  @Test
  void a_file_that_is_missing_is_refused() {
    assertThat(UsersReader.read(Path.of("no-such-file.yaml")))
        .isInstanceOfSatisfying(
            UsersResult.Unusable.class,
            unusable ->
                assertThat(unusable.problems())
                    .extracting(ConfigurationProblem::toString)
                    .containsExactly("no-such-file.yaml: there is no such file"));
  }
}

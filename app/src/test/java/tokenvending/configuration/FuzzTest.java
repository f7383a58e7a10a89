package tokenvending.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tokenvending.policy.Compilation;
import tokenvending.policy.Policy;

/** Seeded, so that a failure can be had again. */
final class FuzzTest {
  private static final int FILES = 20_000;

  /** Pieces that mean something to YAML, to templates or to our forms of text. */
  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ":",
          ": ",
          ",",
          "- ",
          "-",
          "#",
          "&a ",
          "*a",
          "!",
          "!!int ",
          "|",
          ">",
          "'",
          "\"",
          "%",
          "@",
          "`",
          "? ",
          "<<: ",
          "---\n",
          "...\n",
          "\n",
          "\r",
          "\t",
          " ",
          "  ",
          "\\",
          "\\u0000",
          "\\x85",
          "~",
          "null",
          "no",
          "1e3",
          "0x1F",
          "${",
          "${subject}",
          "${request.name}",
          "${claims.a b}",
          "all",
          "*",
          "env:",
          "file:",
          "file:\\0",
          "aws-secret:",
          "https://",
          "http://[::1",
          "//",
          "0/s",
          "99999999999",
          "1h",
          "::",
          "1.2.3.4/",
          "/0",
          "é",
          "\u202E",
          "\uD83D\uDE00",
          "\uD800",
          "\u2028",
          "\u0085",
          "\uFEFF",
          "groups",
          "open: {}");

  @Test
  @Timeout(300)
  void whatever_is_written_is_read_or_refused_and_what_is_read_compiles() {
    Random random = new Random(20261124);
    int good = 0;
    for (int i = 0; i < FILES; i++) {
      String file = mutated(BadFileTest.GOOD, random);
      switch (ConfigurationReader.parse(file, "tvm.yaml", Path.of("/etc/tvm"))) {
        case ConfigurationResult.Read read -> {
          good++;
          assertThat(Policy.compile(read.configuration().policyDocument()))
              .as(file)
              .isInstanceOf(Compilation.Compiled.class);
          assertThat(read.warnings()).as(file).noneMatch(ConfigurationProblem::isError);
        }
        case ConfigurationResult.Unusable(List<ConfigurationProblem> problems) -> {
          assertThat(problems).as(file).anyMatch(ConfigurationProblem::isError);
          long lines = file.lines().count() + 1;
          assertThat(problems)
              .as(file)
              .allMatch(problem -> problem.line() <= lines && !problem.message().isBlank());
        }
      }
      if (i % 20 == 0) {
        UsersReader.parse(file, "users.yaml");
      }
    }
    assertThat(good).as("files that were still good").isBetween(FILES / 100, FILES / 2);
  }

  private static String mutated(String file, Random random) {
    StringBuilder text = new StringBuilder(file);
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(5)) {
        case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 1 -> text.deleteCharAt(at);
        case 2 -> text.delete(at, Math.min(text.length() - 1, at + 1 + random.nextInt(40)));
        case 3 -> {
          int end = Math.min(text.length(), at + 1 + random.nextInt(6));
          text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
        }
        default -> {
          int end = Math.min(text.length(), at + random.nextInt(80));
          text.insert(random.nextInt(text.length()), text.substring(at, end));
        }
      }
    }
    return text.toString();
  }
}

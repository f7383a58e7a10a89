package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tokenvending.api.Problem;

/** The table of docs/threat-model.md, held against the tags of all tests in the source tree. */
final class ThreatModelTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| T(\\d+) \\|(.*)\\|$");
  private static final Pattern TAG = Pattern.compile("@Tag\\(\"T(\\d+)\"\\)");
  private static final Pattern CLASS_TAGS =
      Pattern.compile("((?:@\\w+(?:\\([^)]*\\))?\\s+)*)(?:public )?(?:final |abstract )?class ");

  /** A test with the number of a threat in its name. */
  private static final Pattern NAMED = Pattern.compile("\\n  (?:\\w+ )*void T(\\d+)_");

  /** Where tests are, by threat. */
  private static final Map<Integer, List<String>> TESTS = new TreeMap<>();

  private static final List<String> UNTAGGED = new ArrayList<>();

  @BeforeAll
  static void readTests() throws IOException {
    for (Path module : modules()) {
      for (Path file : sources(module.resolve("src"))) {
        String source = Files.readString(file);
        String name = ROOT.relativize(file).toString();
        Matcher tags = TAG.matcher(source);
        while (tags.find()) {
          TESTS.computeIfAbsent(number(tags), _ -> new ArrayList<>()).add(name);
        }
        Matcher ofClass = CLASS_TAGS.matcher(source);
        String classTags = ofClass.find() ? ofClass.group(1) : "";
        // A method and its annotations have no empty line between them.
        for (String piece : source.split("\n\n", -1)) {
          Matcher named = NAMED.matcher(piece);
          if (named.find()) {
            String tag = "@Tag(\"T" + named.group(1) + "\")";
            if (!piece.contains(tag) && !classTags.contains(tag)) {
              UNTAGGED.add(name + ": a test named T" + named.group(1) + "_ lacks " + tag);
            }
          }
        }
      }
    }
  }

  @Test
  void every_threat_from_1_to_26_has_one_row() throws IOException {
    assertThat(rows().keySet())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 26).boxed().toList());
  }

  @Test
  void every_row_has_tests_and_every_tag_has_a_row() throws IOException {
    assertThat(TESTS.keySet()).isEqualTo(new TreeSet<>(rows().keySet()));
  }

  @Test
  void test_that_names_a_threat_has_its_tag() {
    assertThat(UNTAGGED).isEmpty();
  }

  @Test
  void table_gives_the_number_of_problem_documents() throws IOException {
    assertThat(rows().get(17))
        .contains(" " + Problem.values().length + " constant problem documents");
  }

  private static Map<Integer, String> rows() throws IOException {
    Map<Integer, String> rows = new TreeMap<>();
    String page = Files.readString(ROOT.resolve("docs/threat-model.md"));
    ROW.matcher(page)
        .results()
        .forEach(row -> assertThat(rows.put(number(row), row.group(2))).as(row.group()).isNull());
    return rows;
  }

  private static int number(MatchResult found) {
    return Integer.parseInt(found.group(1));
  }

  private static List<Path> modules() throws IOException {
    try (Stream<Path> all = Files.list(ROOT)) {
      return all.filter(folder -> Files.isDirectory(folder.resolve("src"))).sorted().toList();
    }
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }
}

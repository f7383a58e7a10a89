package tokenvending.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole template of each case, so that a reviewer sees what a change does to it. Written anew
 * with {@code -Dsnapshots=write}.
 */
final class SnapshotTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<String> cases() {
    return Synthesized.CASES.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void template_is_the_one_that_was_reviewed(String name) throws IOException {
    String now = steady(Synthesized.of(name).template());
    Path kept = Synthesized.resource("snapshots").resolve(name + ".json");
    if ("write".equals(System.getProperty("snapshots"))) {
      Files.createDirectories(kept.getParent());
      Files.writeString(kept, now);
    }

    assertThat(now)
        .as("if this is meant: mvn -pl infrastructure -am test -Dsnapshots=write, and look at it")
        .isEqualTo(Files.readString(kept));
  }

  /** Without what follows from the functions' code, and the library's table of layers. */
  private static String steady(JsonNode template) throws IOException {
    ObjectNode copy = template.deepCopy();
    copy.remove("Mappings");
    return JSON.writerWithDefaultPrettyPrinter()
            .writeValueAsString(copy)
            .replaceAll("[0-9a-f]{64}\\.zip", "CODE.zip")
            .replaceAll("([0-9A-F]{8})[0-9a-f]{32}", "$1-CONTENT")
        + "\n";
  }
}

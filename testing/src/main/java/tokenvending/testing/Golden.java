package tokenvending.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Compares texts that users read with files in {@code src/test/resources/golden} of the module, so
 * that wording is reviewed in one place. After a change that is meant, write them anew with {@code
 * mvn -pl MODULE -am test -Dsnapshots=write}, and review the difference.
 */
public final class Golden {
  private static final Path FOLDER = Path.of("src", "test", "resources", "golden");

  private Golden() {}

  /** Fails if the text is not the one of the file. */
  public static void check(String name, String text) throws IOException {
    Path file = FOLDER.resolve(name);
    String now = text.replace("\r\n", "\n");
    if ("write".equals(System.getProperty("snapshots"))) {
      Files.createDirectories(FOLDER);
      Files.writeString(file, now);
    }
    assertThat(now)
        .as("%s; if this is meant: mvn -pl MODULE -am test -Dsnapshots=write, and review it", file)
        .isEqualTo(Files.readString(file));
  }
}

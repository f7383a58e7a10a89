package tokenvending.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that is read; {@link ConfigurationSearch} finds it. */
public sealed interface ConfigurationFile {
  /** One that somebody wrote. */
  record Written(Path path) implements ConfigurationFile {
    @Override
    public byte[] content() throws IOException {
      return Files.readAllBytes(path);
    }
  }

  /**
   * The one inside the program.
   *
   * @param folder where relative paths would begin
   */
  record BuiltIn(Path folder) implements ConfigurationFile {
    private static final String RESOURCE = "default.yaml";

    @Override
    public byte[] content() throws IOException {
      try (InputStream in = BuiltIn.class.getResourceAsStream(RESOURCE)) {
        if (in == null) {
          throw new IllegalStateException("the jar lacks " + RESOURCE);
        }
        return in.readAllBytes();
      }
    }
  }

  /** What stands in it, unread. */
  byte[] content() throws IOException;
}

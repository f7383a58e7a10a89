package tokenvending.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration file to read, as found by {@link ConfigurationSearch}. */
public sealed interface ConfigurationFile {
  /** A file on disk. */
  record Written(Path path) implements ConfigurationFile {
    @Override
    public byte[] content() throws IOException {
      return Files.readAllBytes(path);
    }
  }

  /**
   * The built-in file.
   *
   * @param folder the folder for relative paths
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

  /** Returns the content as bytes. */
  byte[] content() throws IOException;
}

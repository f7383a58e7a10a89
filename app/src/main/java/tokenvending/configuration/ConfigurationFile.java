package tokenvending.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Which file is read. */
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

  /**
   * The one that was asked for, else {@code tvm.yaml} in the working folder, else the built-in one.
   * One that was asked for is never replaced by another, even where it does not exist.
   */
  static ConfigurationFile find(Optional<Path> asked, Path workingFolder) {
    if (asked.isPresent()) {
      return new Written(workingFolder.resolve(asked.get()));
    }
    Path usual = workingFolder.resolve("tvm.yaml");
    // A broken link is somebody's mistake, not the absence of a file.
    boolean exists = Files.exists(usual, LinkOption.NOFOLLOW_LINKS);
    return exists ? new Written(usual) : new BuiltIn(workingFolder);
  }
}

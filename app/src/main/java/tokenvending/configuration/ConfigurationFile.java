package tokenvending.configuration;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Which file is read. */
public sealed interface ConfigurationFile {
  /** One that somebody wrote. */
  record Written(Path path) implements ConfigurationFile {}

  /**
   * The one inside the program.
   *
   * @param folder where relative paths would begin
   */
  record BuiltIn(Path folder) implements ConfigurationFile {}

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

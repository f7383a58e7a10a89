package tokenvending.configuration;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Searches for the policy file. The built-in policy lets every caller read and write, so it never
 * replaces a file that could exist: if the search cannot prove that there is no file, it finds
 * nothing.
 */
public final class ConfigurationSearch {
  /** The value of {@code --config} that names the built-in policy. */
  private static final String BUILT_IN = "default";

  /**
   * Names that resemble {@code tvm.yaml}: another extension, case or order of letters, a leading
   * dot, an appended .txt.
   */
  private static final Pattern SIMILAR =
      Pattern.compile(
          "[._]?tvm[^a-z0-9]+y[aml]{1,4}(\\.txt)?|tvm\\.json", Pattern.CASE_INSENSITIVE);

  private static final String WHAT_TO_DO =
      "name the file with --config FILE, or use --config default, the built-in policy, under which"
          + " every caller can read and write the cache default-cache";

  private ConfigurationSearch() {}

  /** The result of a search. */
  public sealed interface Result {
    /** The file to read. */
    record Found(ConfigurationFile file) implements Result {}

    /**
     * There is no file to read.
     *
     * @param message what is missing, where, and what to do
     */
    record NotFound(String message) implements Result {}
  }

  /**
   * Searches for a command that supports local use: without a file, it finds the built-in policy if
   * the environment has no Momento API key.
   */
  public static Result find(
      Optional<Path> asked, Path workingFolder, Map<String, String> environment) {
    return search(asked, workingFolder, environment.getOrDefault("MOMENTO_API_KEY", "").isBlank());
  }

  /** Searches for a command that requires a file; the built-in policy must be named explicitly. */
  public static Result find(Optional<Path> asked, Path workingFolder) {
    return search(asked, workingFolder, false);
  }

  private static Result search(Optional<Path> asked, Path workingFolder, boolean builtInIsUsual) {
    if (asked.isPresent()) {
      return named(asked.get(), workingFolder);
    }
    Path usual = workingFolder.resolve("tvm.yaml");
    if (!isAbsent(usual)) {
      return new Result.Found(new ConfigurationFile.Written(usual));
    }
    Path folder = workingFolder.toAbsolutePath();
    List<String> similar;
    try {
      similar = similar(folder);
    } catch (IOException e) {
      // Also if this JVM cannot represent the folder's name, because then another folder was
      // searched.
      return new Result.NotFound(
          "%s cannot be listed, so a policy file in it could be overlooked: %s"
              .formatted(folder, WHAT_TO_DO));
    }
    if (!similar.isEmpty()) {
      return new Result.NotFound(
          "there is no tvm.yaml in %s, but there is %s: rename it to tvm.yaml, or %s"
              .formatted(folder, String.join(", ", similar), WHAT_TO_DO));
    }
    return builtInIsUsual
        ? new Result.Found(new ConfigurationFile.BuiltIn(workingFolder))
        : new Result.NotFound(
            "there is no tvm.yaml in %s: write one (docs/configuration.md describes it, examples/"
                    .formatted(folder)
                + " has complete ones), "
                + WHAT_TO_DO);
  }

  private static Result named(Path asked, Path workingFolder) {
    Path file = workingFolder.resolve(asked);
    if (!asked.toString().equals(BUILT_IN)) {
      return new Result.Found(new ConfigurationFile.Written(file));
    }
    return isAbsent(file)
        ? new Result.Found(new ConfigurationFile.BuiltIn(workingFolder))
        : new Result.NotFound(
            "--config default names the built-in policy, and there is a file of this name as well:"
                + " write --config ./default for the file, or rename it");
  }

  /** Whether the file certainly does not exist. A broken link exists. */
  private static boolean isAbsent(Path file) {
    try {
      Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return false;
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns the names in a folder that resemble {@code tvm.yaml}. */
  private static List<String> similar(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (SIMILAR.matcher(Normalizer.normalize(name, Normalizer.Form.NFKC).strip()).matches()) {
          names.add(name);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    names.sort(String::compareTo);
    return names;
  }
}

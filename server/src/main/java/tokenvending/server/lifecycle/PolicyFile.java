package tokenvending.server.lifecycle;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.configuration.ConfigurationFile;
import tokenvending.configuration.ConfigurationProblem;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.configuration.ConfigurationSearch;

/**
 * Finds and reads the policy file. Loads nothing of picocli, which a start of the server avoids.
 */
public final class PolicyFile {
  private PolicyFile() {}

  /** The file to read for a command that can be local use; else the reason is printed. */
  public static Optional<ConfigurationFile> find(
      Optional<Path> named, Map<String, String> environment, PrintWriter err) {
    return found(ConfigurationSearch.find(named, Path.of(""), environment), err);
  }

  /** The file to read for a command that needs one; else the reason is printed. */
  public static Optional<ConfigurationFile> find(Optional<Path> named, PrintWriter err) {
    return found(ConfigurationSearch.find(named, Path.of("")), err);
  }

  private static Optional<ConfigurationFile> found(
      ConfigurationSearch.Result result, PrintWriter err) {
    return switch (result) {
      case ConfigurationSearch.Result.Found(ConfigurationFile file) -> Optional.of(file);
      case ConfigurationSearch.Result.NotFound(String message) -> {
        err.println(message);
        err.flush();
        yield Optional.empty();
      }
    };
  }

  /** The file, when it can be used; else all its problems are printed. */
  public static Optional<Read> read(ConfigurationFile file, PrintWriter err) {
    return switch (ConfigurationReader.read(file)) {
      case Read read -> Optional.of(read);
      case Unusable(List<ConfigurationProblem> problems) -> {
        print(problems, err);
        yield Optional.empty();
      }
    };
  }

  public static void print(List<ConfigurationProblem> problems, PrintWriter err) {
    problems.forEach(err::println);
    err.flush();
  }
}

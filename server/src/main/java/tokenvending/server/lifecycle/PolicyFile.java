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
 * Finds and reads the policy file. It does not use picocli, which a start of the server does not
 * load.
 */
public final class PolicyFile {
  private PolicyFile() {}

  /** Returns the file for a command that supports local use; otherwise prints why there is none. */
  public static Optional<ConfigurationFile> find(
      Optional<Path> named, Map<String, String> environment, PrintWriter err) {
    return found(ConfigurationSearch.find(named, Path.of(""), environment), err);
  }

  /** Returns the file for a command that requires one; otherwise prints why there is none. */
  public static Optional<ConfigurationFile> find(Optional<Path> named, PrintWriter err) {
    return found(ConfigurationSearch.find(named, Path.of("")), err);
  }

  private static Optional<ConfigurationFile> found(
      ConfigurationSearch.Result result, PrintWriter err) {
    return switch (result) {
      case ConfigurationSearch.Result.Found(ConfigurationFile file) -> Optional.of(file);
      case ConfigurationSearch.Result.NotFound(String message) -> {
        print(message, err);
        yield Optional.empty();
      }
    };
  }

  /** Returns the content of the file; if it is invalid, prints all of its problems. */
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
    ProblemPrinter.of(System.getenv()).print(problems, err);
  }

  /** Prints an error that is not about a place of a file. */
  static void print(String error, PrintWriter err) {
    print(List.of(ConfigurationProblem.of(error)), err);
  }
}

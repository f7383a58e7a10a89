package tokenvending.server.lifecycle;

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
      Optional<Path> named, Map<String, String> environment, ProblemPrinter printer) {
    return found(ConfigurationSearch.find(named, Path.of(""), environment), printer);
  }

  /** Returns the file for a command that requires one; otherwise prints why there is none. */
  public static Optional<ConfigurationFile> find(Optional<Path> named, ProblemPrinter printer) {
    return found(ConfigurationSearch.find(named, Path.of("")), printer);
  }

  private static Optional<ConfigurationFile> found(
      ConfigurationSearch.Result result, ProblemPrinter printer) {
    return switch (result) {
      case ConfigurationSearch.Result.Found(ConfigurationFile file) -> Optional.of(file);
      case ConfigurationSearch.Result.NotFound(String message) -> {
        printer.print(message);
        yield Optional.empty();
      }
    };
  }

  /** Returns the content of the file; if it is invalid, prints all of its problems. */
  public static Optional<Read> read(ConfigurationFile file, ProblemPrinter printer) {
    return switch (ConfigurationReader.read(file)) {
      case Read read -> Optional.of(read);
      case Unusable(List<ConfigurationProblem> problems) -> {
        printer.print(problems);
        yield Optional.empty();
      }
    };
  }
}

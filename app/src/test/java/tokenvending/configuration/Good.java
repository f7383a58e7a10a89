package tokenvending.configuration;

import java.nio.file.Path;
import java.util.List;

/** A good file to begin with, and short ways to read one. */
final class Good {
  private Good() {}

  static ConfigurationResult.Read read(ConfigurationResult result) {
    return switch (result) {
      case ConfigurationResult.Read read -> read;
      case ConfigurationResult.Unusable(List<ConfigurationProblem> problems) ->
          throw new AssertionError("expected a good file, but " + problems);
    };
  }

  static Configuration configuration(String text) {
    return read(parse(text)).configuration();
  }

  static ConfigurationResult parse(String text) {
    return ConfigurationReader.parse(text, "tvm.yaml", Path.of("/etc/tvm"));
  }

  /** All problems as they print; empty where there is none. */
  static List<String> errors(String text) {
    return switch (parse(text)) {
      case ConfigurationResult.Read read -> List.of();
      case ConfigurationResult.Unusable(List<ConfigurationProblem> problems) ->
          problems.stream()
              .filter(ConfigurationProblem::isError)
              .map(ConfigurationProblem::toString)
              .toList();
    };
  }

  static List<String> warnings(String text) {
    return read(parse(text)).warnings().stream().map(ConfigurationProblem::toString).toList();
  }
}

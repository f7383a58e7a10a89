package tokenvending.configuration;

import java.util.List;

/** The result of reading a file: a configuration, or its problems. */
public sealed interface ConfigurationResult {
  /**
   * The file is valid.
   *
   * @param warnings for its author, in the order of the file
   */
  record Read(Configuration configuration, List<ConfigurationProblem> warnings, Source source)
      implements ConfigurationResult {
    public Read {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * The file is invalid.
   *
   * @param problems errors and warnings, in the order of the file
   */
  record Unusable(List<ConfigurationProblem> problems) implements ConfigurationResult {
    public Unusable {
      problems = List.copyOf(problems);
    }
  }
}

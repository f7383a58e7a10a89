package tokenvending.configuration;

/** A file that was read, for problems that show only later, such as a variable that is not set. */
public final class Source {
  private final String file;
  private final YamlNode root;

  Source(String file, YamlNode root) {
    this.file = file;
    this.root = root;
  }

  /** The file as its author calls it. */
  public String file() {
    return file;
  }

  /** Whether the file says anything under a key of its first level; defaults are not told apart. */
  public boolean says(String key) {
    return root instanceof YamlNode.Mapping mapping
        && mapping.entries().stream().anyMatch(entry -> entry.key().equals(key));
  }

  /** An error at a path such as {@code momento.api-key}, with its line. */
  public ConfigurationProblem error(String path, String message) {
    return problem(path, message, ConfigurationProblem.Severity.ERROR);
  }

  /** A warning at a path such as {@code momento.api-key}, with its line. */
  public ConfigurationProblem warning(String path, String message) {
    return problem(path, message, ConfigurationProblem.Severity.WARNING);
  }

  private ConfigurationProblem problem(
      String path, String message, ConfigurationProblem.Severity severity) {
    Position at = root.deepest(path);
    return new ConfigurationProblem(file, at.line(), at.column(), path, message, severity);
  }
}

package tokenvending.configuration;

/** A file that was read, for problems that are found later, such as an unset variable. */
public final class Source {
  private final String file;
  private final YamlNode root;
  private final Position end;

  Source(Findings findings, YamlNode root) {
    this.file = findings.file();
    this.end = findings.end();
    this.root = root;
  }

  /** The file as its author names it. */
  public String file() {
    return file;
  }

  /** Whether the file contains a top-level key. */
  public boolean says(String key) {
    return root instanceof YamlNode.Mapping mapping
        && mapping.entries().stream().anyMatch(entry -> entry.key().equals(key));
  }

  /** Creates an error at a path such as {@code momento.api-key}, with its line. */
  public ConfigurationProblem error(String path, String message) {
    return problem(path, message, ConfigurationProblem.Severity.ERROR);
  }

  /** Creates a warning at a path such as {@code momento.api-key}, with its line. */
  public ConfigurationProblem warning(String path, String message) {
    return problem(path, message, ConfigurationProblem.Severity.WARNING);
  }

  private ConfigurationProblem problem(
      String path, String message, ConfigurationProblem.Severity severity) {
    Position at = says(path.split("[.\\[]", -1)[0]) ? root.deepest(path) : end;
    return new ConfigurationProblem(file, at.line(), at.column(), path, message, severity);
  }
}

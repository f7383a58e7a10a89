package tokenvending.configuration;

/**
 * A problem of a file, for its author.
 *
 * @param file the file as its author names it
 * @param line counted from 1; 0 for the file as a whole
 * @param column counted from 1; 0 for the file as a whole
 * @param path the location in the file, such as {@code rules[0].ttl}; empty for the file as a whole
 * @param message what is wrong and what to write instead; never contains a credential
 */
public record ConfigurationProblem(
    String file, int line, int column, String path, String message, Severity severity) {
  /** The severity of a problem. */
  public enum Severity {
    /** The file cannot be used. */
    ERROR,
    /** The file can be used, but probably does not do what its author intends. */
    WARNING
  }

  /** An error that is not about a place of a file. */
  public static ConfigurationProblem of(String message) {
    return new ConfigurationProblem("", 0, 0, "", message, Severity.ERROR);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** Returns one line for a log: {@code tvm.yaml:12: rules[0].ttl: expected 1s to 25h}. */
  @Override
  public String toString() {
    return file
        + (line > 0 ? ":" + line : "")
        + ": "
        + (isError() ? "" : "warning: ")
        + (path.isEmpty() ? "" : path + ": ")
        + message;
  }
}

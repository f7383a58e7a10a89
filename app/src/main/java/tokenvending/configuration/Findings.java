package tokenvending.configuration;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** Collects the problems of one file. */
final class Findings {
  private static final Comparator<ConfigurationProblem> AS_IN_THE_FILE =
      Comparator.comparingInt(ConfigurationProblem::line)
          .thenComparingInt(ConfigurationProblem::column);

  private final String file;
  private final List<ConfigurationProblem> problems = new ArrayList<>();
  private final TreeSet<String> faultyPaths = new TreeSet<>();
  private Position end = Position.WHOLE;

  Findings(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  /** Where a key of the first level that the file does not have would be added. */
  Position end() {
    return end;
  }

  void endsAt(Position position) {
    end = position;
  }

  void error(Position at, String path, String message) {
    add(problem(at, path, message, ConfigurationProblem.Severity.ERROR));
  }

  void warning(Position at, String path, String message) {
    add(problem(at, path, message, ConfigurationProblem.Severity.WARNING));
  }

  void add(ConfigurationProblem problem) {
    problems.add(problem);
    if (problem.isError()) {
      faultyPaths.add(problem.path());
    }
  }

  private ConfigurationProblem problem(
      Position at, String path, String message, ConfigurationProblem.Severity severity) {
    return new ConfigurationProblem(file, at.line(), at.column(), path, message, severity);
  }

  boolean holdErrors() {
    return !faultyPaths.isEmpty();
  }

  boolean holdErrorsAt(String path) {
    return faultyPaths.contains(path);
  }

  /** Whether there is an error at this path or below it. */
  boolean holdErrorsWithin(String path) {
    return faultyPaths.contains(path) || beginsOne(path + ".") || beginsOne(path + "[");
  }

  private boolean beginsOne(String beginning) {
    String next = faultyPaths.ceiling(beginning);
    return next != null && next.startsWith(beginning);
  }

  /** Returns all problems in the order of the file. */
  List<ConfigurationProblem> inOrder() {
    return problems.stream().sorted(AS_IN_THE_FILE).toList();
  }
}

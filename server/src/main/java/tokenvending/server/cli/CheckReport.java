package tokenvending.server.cli;

import java.util.List;
import java.util.Optional;
import tokenvending.configuration.ConfigurationProblem;

/**
 * The result of {@code check}.
 *
 * @param file the policy file, as it was named; empty if none was found
 * @param rules the number of rules of a valid file
 * @param problems errors and warnings of the policy, then of the file of cases
 * @param casesFile the file of the policy cases
 */
record CheckReport(
    String file,
    Optional<Integer> rules,
    List<ConfigurationProblem> problems,
    String casesFile,
    List<CaseResult> cases) {
  CheckReport {
    problems = List.copyOf(problems);
    cases = List.copyOf(cases);
  }

  /**
   * The result of one policy case.
   *
   * @param surprise how the result differs from the expected one; empty if it does not
   */
  record CaseResult(String name, Optional<String> surprise) {}

  boolean isValid() {
    return problems.stream().noneMatch(ConfigurationProblem::isError);
  }

  List<CaseResult> failedCases() {
    return cases.stream().filter(one -> one.surprise().isPresent()).toList();
  }

  long warnings() {
    return problems.stream().filter(problem -> !problem.isError()).count();
  }
}

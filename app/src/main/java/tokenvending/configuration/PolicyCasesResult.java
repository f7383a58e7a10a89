package tokenvending.configuration;

import java.util.List;

/** The result of reading a file of policy cases. */
public sealed interface PolicyCasesResult {
  record Read(List<PolicyCase> cases) implements PolicyCasesResult {
    public Read {
      cases = List.copyOf(cases);
    }
  }

  /**
   * The file is invalid.
   *
   * @param problems in the order of the file
   */
  record Unusable(List<ConfigurationProblem> problems) implements PolicyCasesResult {
    public Unusable {
      problems = List.copyOf(problems);
    }
  }
}

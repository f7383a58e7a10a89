package tokenvending.configuration;

import java.util.List;

/** What became of a file of cases. */
public sealed interface PolicyCasesResult {
  record Read(List<PolicyCase> cases) implements PolicyCasesResult {
    public Read {
      cases = List.copyOf(cases);
    }
  }

  /** Not good; problems are in the order of the file. */
  record Unusable(List<ConfigurationProblem> problems) implements PolicyCasesResult {
    public Unusable {
      problems = List.copyOf(problems);
    }
  }
}

package tokenvending.policy;

import java.util.List;

/** What became of a document: a policy, or all that is wrong with it. */
public sealed interface Compilation {
  /** Good, with what its author should know. */
  record Compiled(Policy policy, List<PolicyProblem> warnings) implements Compilation {
    public Compiled {
      warnings = List.copyOf(warnings);
    }
  }

  record Rejected(List<PolicyProblem> errors, List<PolicyProblem> warnings) implements Compilation {
    public Rejected {
      errors = List.copyOf(errors);
      warnings = List.copyOf(warnings);
    }
  }
}

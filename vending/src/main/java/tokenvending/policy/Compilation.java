package tokenvending.policy;

import java.util.List;

/** The result of compiling a document: a policy, or all of its errors. */
public sealed interface Compilation {
  /**
   * The document is valid.
   *
   * @param warnings for the document's author
   */
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

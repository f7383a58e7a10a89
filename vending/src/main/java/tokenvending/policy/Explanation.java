package tokenvending.policy;

import java.util.List;

/** The reasons for a decision; for the file's author, never for a caller. */
public record Explanation(List<RuleVerdict> verdicts, Decision decision) {
  public Explanation {
    verdicts = List.copyOf(verdicts);
  }

  /**
   * The result of one rule. Rules after the one that matched are not evaluated and not listed.
   *
   * @param why one sentence
   */
  public record RuleVerdict(String rule, boolean matched, String why) {}
}

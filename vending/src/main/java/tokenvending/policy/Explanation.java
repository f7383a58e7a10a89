package tokenvending.policy;

import java.util.List;

/** Why a decision came out as it did; for the file's author, never for a caller. */
public record Explanation(List<RuleVerdict> verdicts, Decision decision) {
  public Explanation {
    verdicts = List.copyOf(verdicts);
  }

  /**
   * What became of one rule. Rules after the one that matched were not looked at and are not
   * listed.
   *
   * @param why a sentence for people
   */
  public record RuleVerdict(String rule, boolean matched, String why) {}
}

package tokenvending.api;

import java.util.Locale;
import java.util.stream.Collectors;
import tokenvending.api.PolicyExplainer.Explained;
import tokenvending.policy.Decision;
import tokenvending.policy.Explanation;

/**
 * The reason of a rejection for the {@code detail} of a problem document in local use, where the
 * caller is the author of the file.
 */
final class LocalReason {
  /** In characters; a file can have many rules. */
  private static final int LONGEST = 2_000;

  private LocalReason() {}

  /** A constant as a phrase: {@code NO_RULE_MATCHES} is "no rule matches". */
  static String words(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** What was wrong with a request that is malformed. */
  static String malformed(String why) {
    return bounded("Malformed: " + why) + ".";
  }

  /** What {@code explain} reports of a request that was denied. */
  static String denied(Explained explained) {
    return switch (explained) {
      case Explained.NotAuthenticated(String why) -> bounded("Denied: " + why) + ".";
      case Explained.Decided(var caller, var rules, Explanation explanation) ->
          bounded("Denied: " + denied(explanation)) + ".";
    };
  }

  private static String denied(Explanation explanation) {
    return switch (explanation.decision()) {
      case Decision.Granted granted -> "the decision is another one by now";
      case Decision.Denied(String rule, Decision.Reason reason) ->
          rule.isEmpty()
              ? explanation.verdicts().stream()
                  .map(verdict -> verdict.rule() + ": " + verdict.why())
                  .collect(Collectors.joining("; ", words(reason.name()) + " (", ")"))
              : "rule " + rule + ": " + words(reason.name());
    };
  }

  private static String bounded(String text) {
    return text.length() > LONGEST ? text.substring(0, LONGEST) + " …" : text;
  }
}

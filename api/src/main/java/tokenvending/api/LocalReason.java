package tokenvending.api;

import java.util.Locale;
import java.util.stream.Collectors;
import tokenvending.api.PolicyExplainer.Explained;
import tokenvending.policy.Decision;
import tokenvending.policy.Explanation;

/**
 * Describes a rejection in the {@code detail} of a problem document. Used only in local use, where
 * the caller is the author of the file.
 */
final class LocalReason {
  /** The longest detail, in characters; a file can have many rules. */
  private static final int LONGEST = 2_000;

  private LocalReason() {}

  /** Returns a constant as words: {@code NO_RULE_MATCHES} is "no rule matches". */
  static String words(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Describes a malformed request. */
  static String malformed(String why) {
    return bounded("Malformed: " + why) + ".";
  }

  /** Describes a denied request, as {@code explain} does. */
  static String denied(Explained explained) {
    return switch (explained) {
      case Explained.NotAuthenticated(String why) -> bounded("Denied: " + why) + ".";
      case Explained.Decided(var caller, var rules, Explanation explanation) ->
          bounded("Denied: " + denied(explanation)) + ".";
    };
  }

  private static String denied(Explanation explanation) {
    return switch (explanation.decision()) {
      case Decision.Granted granted -> "the policy changed in the meantime";
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

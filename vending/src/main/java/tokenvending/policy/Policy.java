package tokenvending.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import tokenvending.identity.Principal;
import tokenvending.permission.PermissionSet;
import tokenvending.policy.Decision.Denied;
import tokenvending.policy.Decision.Granted;
import tokenvending.policy.Decision.Reason;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.VendRequest;

/**
 * The compiled policy. The first rule that matches decides; if none matches, the request is denied.
 * Immutable.
 */
public final class Policy {
  /** Momento's limit on a token's lifetime. */
  public static final Duration LONGEST_TTL = Duration.ofHours(25);

  /** The shortest lifetime: Momento counts whole seconds. */
  public static final Duration SHORTEST_TTL = Duration.ofSeconds(1);

  /** The most rules that a denial lists as not matching. */
  private static final int MOST_UNMATCHED = 20;

  private final List<Rule> rules;
  private final Map<String, Rule> byId;
  private final DeclaredParameters parameters;
  private final boolean withinSession;

  Policy(List<Rule> rules, DeclaredParameters parameters, boolean withinSession) {
    this.rules = List.copyOf(rules);
    this.byId = rules.stream().collect(Collectors.toUnmodifiableMap(Rule::id, Function.identity()));
    this.parameters = parameters;
    this.withinSession = withinSession;
  }

  /**
   * Compiles a document after checking it for everything that could fail at run time. Reports all
   * problems at once.
   */
  public static Compilation compile(PolicyDocument document) {
    return new PolicyCompiler(document).compile();
  }

  /** The parameters that a request can have. */
  public DeclaredParameters parameters() {
    return parameters;
  }

  /**
   * Decides. A request is granted in full or denied; it is never reduced to what would be allowed.
   */
  public Decision decide(Principal caller, VendRequest request, Instant now) {
    for (Rule rule : rules) {
      if (rule.matches(caller)) {
        return grant(rule, caller, request, now);
      }
    }
    return new Denied("", whyNoRuleMatches(caller));
  }

  /**
   * Chooses the most specific reason: an unreadable claim before an absent one, and that before a
   * different value.
   */
  private Reason whyNoRuleMatches(Principal caller) {
    Reason reason = Reason.NO_RULE_MATCHES;
    if (caller.isAnonymous()) {
      return reason;
    }
    for (Rule rule : rules) {
      Optional<Rule.Mismatch> mismatch = rule.mismatch(caller);
      if (mismatch.isPresent()) {
        switch (mismatch.get()) {
          case Rule.Mismatch.ClaimNotStrings _ -> {
            return Reason.CLAIM_NOT_STRINGS;
          }
          case Rule.Mismatch.ClaimAbsent _ -> reason = Reason.CLAIM_ABSENT;
          case Rule.Mismatch.OtherValue _ -> {}
        }
      }
    }
    return reason;
  }

  /**
   * Returns what the choice of a rule for this caller rests on.
   *
   * @param matched the id of the rule that matched; absent if none did
   */
  public Basis basis(Principal caller, Optional<String> matched) {
    if (matched.isPresent()) {
      Rule rule = byId.get(matched.get());
      return rule == null
          ? new Basis(List.of(), List.of(), List.of())
          : new Basis(rule.groupsOf(caller), rule.claims(), List.of());
    }
    return new Basis(
        rules.stream().flatMap(rule -> rule.groupsOf(caller).stream()).distinct().toList(),
        List.of(),
        rules.stream()
            .limit(MOST_UNMATCHED)
            .flatMap(rule -> rule.unmatched(caller).stream())
            .toList());
  }

  /** Decides, and returns the reasons. */
  public Explanation explain(Principal caller, VendRequest request, Instant now) {
    List<Explanation.RuleVerdict> verdicts = new ArrayList<>();
    for (Rule rule : rules) {
      boolean matches = rule.matches(caller);
      verdicts.add(new Explanation.RuleVerdict(rule.id(), matches, rule.why(caller)));
      if (matches) {
        break;
      }
    }
    return new Explanation(verdicts, decide(caller, request, now));
  }

  private Decision grant(Rule rule, Principal caller, VendRequest request, Instant now) {
    PermissionSet permissions;
    switch (rule.permissionsFor(caller, request.parameters())) {
      case Rule.Permissions.Usable(PermissionSet usable) -> permissions = usable;
      case Rule.Permissions.Unusable(Reason reason) -> {
        return new Denied(rule.id(), reason);
      }
    }
    if (request.narrower().isPresent()) {
      if (!permissions.covers(request.narrower().get())) {
        return new Denied(rule.id(), Reason.MORE_THAN_GRANTED);
      }
      permissions = request.narrower().get();
    }
    Duration longest = rule.ttl();
    if (withinSession && caller.sessionEnd().isPresent()) {
      Duration left =
          Duration.ofSeconds(Duration.between(now, caller.sessionEnd().get()).toSeconds());
      if (left.compareTo(SHORTEST_TTL) < 0) {
        return new Denied(rule.id(), Reason.CREDENTIAL_EXPIRED);
      }
      longest = left.compareTo(longest) < 0 ? left : longest;
    }
    Duration ttl = request.ttl().orElse(longest);
    if (ttl.compareTo(longest) > 0) {
      return new Denied(rule.id(), Reason.LONGER_THAN_GRANTED);
    }
    return switch (rule.tokenIdFor(caller, request.parameters())) {
      case Rule.Id.Unusable(Reason reason) -> new Denied(rule.id(), reason);
      case Rule.Id.Usable(Optional<TokenId> id) ->
          new Granted(
              new Grant(
                  caller,
                  rule.id(),
                  permissions,
                  ttl,
                  id,
                  rule.reuse(),
                  withinSession ? caller.sessionEnd() : Optional.empty()));
    };
  }
}

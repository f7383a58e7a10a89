package tokenvending.testing;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.permission.CacheRole;
import tokenvending.permission.TopicRole;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.Compilation;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.Parameter;

/** Policies and their parts, for tests that need one without reading a file. */
public final class Policies {
  private Policies() {}

  /** Returns the policy of a valid document; fails with all problems of an invalid one. */
  public static Policy compiled(PolicyDocument document) {
    return switch (Policy.compile(document)) {
      case Compilation.Compiled(Policy policy, var warnings) -> policy;
      case Compilation.Rejected(var errors, var warnings) ->
          throw new AssertionError("not a good policy: " + errors);
    };
  }

  /**
   * Returns the built-in policy: every caller is granted {@code ReadWrite} on {@code default-cache}
   * and {@code PublishSubscribe} on its topics for an hour. The token id is the parameter {@code
   * name}, if it is present.
   */
  public static PolicyDocument builtIn() {
    return document(
        List.of(new AuthenticationMethod.Open()),
        List.of(new Parameter("name", 64, false)),
        new RuleDocument(
            "everyone",
            ConditionDocument.everyone(),
            Optional.empty(),
            Optional.of("${request.name}"),
            Reuse.NEVER,
            List.of(
                new PermissionDocument(
                    CacheRole.READ_WRITE, exact("default-cache"), new SelectorDocument.All()),
                new PermissionDocument(
                    TopicRole.PUBLISH_SUBSCRIBE,
                    exact("default-cache"),
                    new SelectorDocument.All()))));
  }

  /** Returns a document whose tokens live for an hour and can outlive the session. */
  public static PolicyDocument document(
      List<AuthenticationMethod> methods, List<Parameter> parameters, RuleDocument... rules) {
    return new PolicyDocument(
        methods, new DeclaredParameters(parameters), Duration.ofHours(1), false, List.of(rules));
  }

  /** Returns a rule with only a condition and permissions. */
  public static RuleDocument rule(
      String id, ConditionDocument when, PermissionDocument... permissions) {
    return new RuleDocument(
        id, when, Optional.empty(), Optional.empty(), Reuse.NEVER, List.of(permissions));
  }

  /** Returns the condition that the caller is in one of the groups. */
  public static ConditionDocument inGroups(String... groups) {
    return new ConditionDocument(List.of(groups), Map.of());
  }

  /** Returns {@code SubscribeOnly} on one topic; both names can contain templates. */
  public static PermissionDocument subscribe(String cache, String topic) {
    return new PermissionDocument(TopicRole.SUBSCRIBE_ONLY, exact(cache), exact(topic));
  }

  /** Returns {@code ReadOnly} on one item; both names can contain templates. */
  public static PermissionDocument read(String cache, String key) {
    return new PermissionDocument(CacheRole.READ_ONLY, exact(cache), exact(key));
  }

  private static SelectorDocument exact(String text) {
    return new SelectorDocument.Exact(text);
  }
}

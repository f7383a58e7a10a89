package tokenvending.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.permission.CacheRole;
import tokenvending.permission.Role;
import tokenvending.permission.TopicRole;
import tokenvending.policy.SelectorDocument.All;
import tokenvending.policy.SelectorDocument.Exact;
import tokenvending.policy.SelectorDocument.Prefix;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.Parameter;

/** A document in the making. What a test does not say is as simple and as good as possible. */
final class Draft {
  static final String X = "https://x.example.com";
  static final String Y = "https://y.example.com";
  static final AuthenticationMethod OPEN = new AuthenticationMethod.Open();
  static final AuthenticationMethod PASSWORDS = new AuthenticationMethod.Passwords();
  static final AuthenticationMethod ISSUER_X = new AuthenticationMethod.Issuer(X);
  static final AuthenticationMethod ISSUER_Y = new AuthenticationMethod.Issuer(Y);

  private final List<AuthenticationMethod> methods = new ArrayList<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<RuleDocument> rules = new ArrayList<>();
  private Duration ttl = Duration.ofHours(1);
  private boolean withinSession;

  static Draft of(AuthenticationMethod... methods) {
    Draft draft = new Draft();
    draft.methods.addAll(List.of(methods));
    return draft;
  }

  Draft required(String name) {
    parameters.add(new Parameter(name, 64, true));
    return this;
  }

  Draft optional(String name) {
    parameters.add(new Parameter(name, 64, false));
    return this;
  }

  Draft ttl(Duration newTtl) {
    ttl = newTtl;
    return this;
  }

  Draft withinSession() {
    withinSession = true;
    return this;
  }

  Draft rule(RuleDraft rule) {
    rules.add(rule.document());
    return this;
  }

  PolicyDocument document() {
    return new PolicyDocument(
        methods, new DeclaredParameters(parameters), ttl, withinSession, rules);
  }

  Policy compiled() {
    return switch (Policy.compile(document())) {
      case Compilation.Compiled(Policy policy, var warnings) -> policy;
      case Compilation.Rejected(var errors, var warnings) ->
          throw new AssertionError("refused: " + errors);
    };
  }

  static RuleDraft rule(String id) {
    return new RuleDraft(id);
  }

  static PermissionDocument topic(String name) {
    return new PermissionDocument(TopicRole.SUBSCRIBE_ONLY, new Exact("chat"), new Exact(name));
  }

  static PermissionDocument topics(String prefix) {
    return new PermissionDocument(TopicRole.SUBSCRIBE_ONLY, new Exact("chat"), new Prefix(prefix));
  }

  static PermissionDocument key(String key) {
    return new PermissionDocument(CacheRole.READ_ONLY, new Exact("chat"), new Exact(key));
  }

  static PermissionDocument keys(String prefix) {
    return new PermissionDocument(CacheRole.READ_ONLY, new Exact("chat"), new Prefix(prefix));
  }

  static PermissionDocument everything(Role role) {
    return new PermissionDocument(role, new All(), new All());
  }

  /** A rule in the making; without permissions it gives {@code SubscribeOnly} on one topic. */
  static final class RuleDraft {
    private final String id;
    private final List<PermissionDocument> permissions = new ArrayList<>();
    private boolean none;
    private ConditionDocument when = ConditionDocument.everyone();
    private Optional<Duration> ttl = Optional.empty();
    private Optional<String> tokenId = Optional.empty();
    private Reuse reuse = Reuse.NEVER;

    private RuleDraft(String id) {
      this.id = id;
    }

    RuleDraft inGroups(String... groups) {
      when = new ConditionDocument(List.of(groups), when.claims());
      return this;
    }

    RuleDraft claiming(String claim, String... values) {
      when = new ConditionDocument(when.groups(), Map.of(claim, List.of(values)));
      return this;
    }

    RuleDraft ttl(Duration newTtl) {
      ttl = Optional.of(newTtl);
      return this;
    }

    RuleDraft tokenId(String template) {
      tokenId = Optional.of(template);
      return this;
    }

    RuleDraft reuse(Reuse newReuse) {
      reuse = newReuse;
      return this;
    }

    RuleDraft gives(PermissionDocument... more) {
      permissions.addAll(List.of(more));
      return this;
    }

    RuleDraft givesNothing() {
      none = true;
      return this;
    }

    RuleDocument document() {
      List<PermissionDocument> given =
          permissions.isEmpty() && !none ? List.of(topic("news")) : permissions;
      return new RuleDocument(id, when, ttl, tokenId, reuse, given);
    }
  }
}

package tokenvending.benchmark;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tokenvending.identity.Principal;
import tokenvending.permission.CacheRole;
import tokenvending.permission.TopicRole;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.Compilation;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.Decision;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.VendRequest;

/** Measures the decision of a vend in the worst case: only the last rule matches. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecideBenchmark {
  private static final String ISSUER = "https://login.example.com/";

  @Param({"3", "300"})
  int rules;

  private final Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final VendRequest request = VendRequest.of(Map.of());
  private final Principal caller =
      Principal.verified(ISSUER, "ann", Set.of("last"), Map.of(), Optional.empty());
  private final Principal unknown =
      Principal.verified(ISSUER, "bob", Set.of("none"), Map.of(), Optional.empty());
  private Policy constant = compile(1, "room");
  private Policy templated = constant;

  /** Called by JMH. */
  public DecideBenchmark() {}

  /** Compiles the policies once. */
  @Setup(Level.Trial)
  public void compile() {
    constant = compile(rules, "room");
    templated = compile(rules, "room-${subject}");
  }

  /** All selectors are literal, so the permissions were created when the file was read. */
  @Benchmark
  public Decision literalSelectors() {
    return constant.decide(caller, request, now);
  }

  /** One selector contains the caller's subject. */
  @Benchmark
  public Decision templatedSelector() {
    return templated.decide(caller, request, now);
  }

  /** No rule matches. */
  @Benchmark
  public Decision noRule() {
    return constant.decide(unknown, request, now);
  }

  private static Policy compile(int rules, String topic) {
    List<RuleDocument> documents = new ArrayList<>();
    for (int i = 0; i < rules; i++) {
      String group = i == rules - 1 ? "last" : "group-" + i;
      documents.add(
          new RuleDocument(
              "rule-" + i,
              new ConditionDocument(List.of(group), Map.of()),
              Optional.empty(),
              Optional.empty(),
              Reuse.NEVER,
              List.of(
                  new PermissionDocument(
                      TopicRole.PUBLISH_SUBSCRIBE,
                      new SelectorDocument.Exact("chat"),
                      new SelectorDocument.Exact(topic)),
                  new PermissionDocument(
                      CacheRole.READ_ONLY,
                      new SelectorDocument.Exact("chat"),
                      new SelectorDocument.Prefix("public-")))));
    }
    PolicyDocument document =
        new PolicyDocument(
            List.of(new AuthenticationMethod.Issuer(ISSUER)),
            new DeclaredParameters(List.of()),
            Duration.ofHours(1),
            false,
            documents);
    return switch (Policy.compile(document)) {
      case Compilation.Compiled(Policy policy, var warnings) -> policy;
      case Compilation.Rejected(var errors, var warnings) ->
          throw new IllegalStateException(errors.toString());
    };
  }
}

package tokenvending.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.BudgetTerms;
import tokenvending.budget.MemoryBudgetQueue;
import tokenvending.identity.Attempt;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.VendedToken;
import tokenvending.limits.Rate;
import tokenvending.limits.RateLimits;
import tokenvending.permission.TopicRole;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.Compilation;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.Decision;
import tokenvending.policy.Grant;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.VendRequest;
import tokenvending.reuse.ReusingTokenIssuer;
import tokenvending.reuse.TokenSeal;
import tokenvending.secret.Secret;

/**
 * Measures the memory of known callers in one process, in bytes of live heap: token cache, budget
 * queue and limits, each with the given number of callers. Prints one line of JSON; {@code ./tvm
 * bench herd known} runs it.
 */
public final class KnownCallers {
  private static final String ISSUER = "https://login.example.com/";
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  /** A typical length of Momento's tokens. */
  private static final int TOKEN_LENGTH = 800;

  private KnownCallers() {}

  public static void main(String[] args) throws IOException {
    int callers = Integer.parseInt(args[0]);
    long empty = liveBytes();

    ReusingTokenIssuer issuer = issuer();
    Policy policy = policy();
    ClientAddress address = address(0);
    Attempt attempt = new Attempt("request", address, Instant.EPOCH);
    for (int i = 0; i < callers; i++) {
      issuer.issue(grant(policy, caller(i)), attempt);
    }
    long tokens = liveBytes() - empty;

    MemoryBudgetQueue queue = new MemoryBudgetQueue(() -> 0);
    BudgetTerms terms =
        new BudgetTerms(
            new Rate(5, Duration.ofSeconds(1)), Duration.ofSeconds(2), Duration.ofSeconds(5));
    for (int i = 0; i < callers; i++) {
      queue.poll(
          new BudgetQueue.AcquireRequest(
              BudgetCaller.of(caller(i), address),
              Integer.toString(i),
              Duration.ZERO,
              Duration.ofSeconds(2),
              0.5,
              false,
              terms));
    }
    long waiting = liveBytes() - empty - tokens;

    Optional<Rate> rate = Optional.of(new Rate(30, Duration.ofMinutes(1)));
    RateLimits limits = new RateLimits(rate, rate, () -> 0);
    for (int i = 0; i < callers; i++) {
      limits.admit(caller(i), address(i));
    }
    long counters = liveBytes() - empty - tokens - waiting;

    System.out.printf(
        "{\"callers\":%d,\"tokensKept\":%d,\"tokensBytes\":%d,\"lineBytes\":%d,\"limitsBytes\":%d}%n",
        callers, issuer.size(), tokens, waiting, counters);
    // Keeps the measured objects alive until here.
    if (queue.status(terms).isEmpty() || limits.hashCode() == 0) {
      throw new IllegalStateException("nothing was measured");
    }
  }

  private static long liveBytes() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static ReusingTokenIssuer issuer() {
    int[] minted = {0};
    TokenSeal seal = TokenSeal.of(Secret.of("k".repeat(200)));
    return new ReusingTokenIssuer(
        (grant, from) ->
            new IssueResult.Issued(
                new VendedToken(
                    Secret.of(minted[0]++ + "t".repeat(TOKEN_LENGTH)),
                    "cell.example.com",
                    NOW.plus(grant.ttl()),
                    grant.tokenId())),
        () -> Optional.of(seal),
        "1",
        Optional.empty(),
        InstantSource.fixed(NOW));
  }

  private static Principal caller(int number) {
    return Principal.verified(ISSUER, "caller-" + number, Set.of(), Map.of(), Optional.empty());
  }

  private static ClientAddress address(int number) throws IOException {
    byte[] bytes = {10, (byte) (number >> 16), (byte) (number >> 8), (byte) number};
    return new ClientAddress(InetAddress.getByAddress(bytes));
  }

  private static Grant grant(Policy policy, Principal caller) {
    return switch (policy.decide(caller, VendRequest.of(Map.of()), NOW)) {
      case Decision.Granted(Grant grant) -> grant;
      case Decision.Denied denied -> throw new IllegalStateException(denied.toString());
    };
  }

  private static Policy policy() {
    RuleDocument rule =
        new RuleDocument(
            "everybody",
            new ConditionDocument(List.of(), Map.of()),
            Optional.empty(),
            Optional.empty(),
            Reuse.CALLER,
            List.of(
                new PermissionDocument(
                    TopicRole.SUBSCRIBE_ONLY,
                    new SelectorDocument.Exact("chat"),
                    new SelectorDocument.Exact("room"))));
    PolicyDocument document =
        new PolicyDocument(
            List.of(new AuthenticationMethod.Issuer(ISSUER)),
            new DeclaredParameters(List.of()),
            Duration.ofHours(1),
            false,
            List.of(rule));
    return switch (Policy.compile(document)) {
      case Compilation.Compiled(Policy policy, var warnings) -> policy;
      case Compilation.Rejected(var errors, var warnings) ->
          throw new IllegalStateException(errors.toString());
    };
  }
}

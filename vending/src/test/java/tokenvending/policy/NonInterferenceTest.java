package tokenvending.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.permission.CacheRole;
import tokenvending.permission.TopicRole;
import tokenvending.policy.Decision.Granted;
import tokenvending.policy.SelectorDocument.All;
import tokenvending.policy.SelectorDocument.Exact;
import tokenvending.policy.SelectorDocument.Prefix;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.VendRequest;
import tokenvending.testing.NaiveEvaluator;
import tokenvending.testing.NaiveEvaluator.Call;
import tokenvending.testing.NaiveEvaluator.Statement;

/** Two callers who are not the same one: neither can do anything to what is the other's. */
@Tag("I2")
@Tag("T3")
@Tag("T18")
final class NonInterferenceTest {
  private static final String X = "https://x.example.com";
  private static final String Y = "https://y.example.com";
  private static final int PAIRS = 50_000;
  private static final VendRequest EVERYTHING = VendRequest.of(Map.of());

  /** Each gives only what is named by the caller, so that nothing is everybody's. */
  private static final List<Policy> POLICIES =
      List.of(
          policy(rule("${subject}", key("profile-${subject}"), keys("box-${subject}/"))),
          policy(rule("${subject}", topics("${subject}/"))),
          policy(rule("${subject}", topic("${subject}"), key("${subject}-end"))),
          policy(
              rule(
                  "${claims.tenant}/${subject}",
                  topics("${claims.tenant}/${subject}/"),
                  key("${claims.tenant}|${subject}"))),
          policy(
              rule(
                  "${subject}",
                  new PermissionDocument(
                      CacheRole.READ_WRITE, new Exact("cache-${subject}"), new All()))),
          policy(ruleOf(X, "x/${subject}"), ruleOf(Y, "y/${subject}")));

  private static final List<String> PIECES =
      List.of(
          "a",
          "b",
          "A",
          "/",
          "|",
          "-",
          "-end",
          "profile-",
          "box-",
          "ann",
          "*",
          "all",
          "$",
          "${subject}",
          "${claims.tenant}",
          " ",
          "..",
          "\u00E9",
          "e\u0301",
          "\uD83D\uDE00",
          "sha256:",
          "x/",
          "y/",
          "\u202E",
          "\u0000",
          "\uD800",
          "a".repeat(64),
          "a".repeat(254));

  private final long seed = Long.getLong("seed", 20260107L);
  private final Random random = new Random(seed);

  @Test
  void neither_of_two_callers_reaches_what_is_the_others() {
    int compared = 0;
    int bothGranted = 0;
    for (int i = 0; i < 10 * PAIRS && compared < PAIRS; i++) {
      Policy policy = POLICIES.get(i % POLICIES.size());
      boolean issuers = i % POLICIES.size() == POLICIES.size() - 1;
      Principal one = caller(X, subject(), subject());
      Principal other =
          caller(
              issuers && random.nextBoolean() ? Y : X,
              near(one.subject().orElseThrow()),
              near(tenant(one)));
      if (one.subject().equals(other.subject()) && one.issuer().equals(other.issuer())) {
        continue;
      }
      compared++;
      if (policy.decide(one, EVERYTHING, Instant.EPOCH) instanceof Granted(Grant mine)
          && policy.decide(other, EVERYTHING, Instant.EPOCH) instanceof Granted(Grant theirs)) {
        bothGranted++;
        String pair = "seed %d, pair %d: %s and %s".formatted(seed, i, texts(mine), texts(theirs));
        assertApart(mine, theirs, pair);
        assertApart(theirs, mine, pair);
        if (mine.tokenId().equals(theirs.tokenId())) {
          throw new AssertionError("the same token id; " + pair);
        }
      }
    }
    assertThat(compared).isEqualTo(PAIRS);
    assertThat(bothGranted).isGreaterThan(PAIRS / 4);
  }

  private static Policy policy(RuleDocument... rules) {
    List<AuthenticationMethod> methods =
        rules.length == 1
            ? List.of(new AuthenticationMethod.Issuer(X))
            : List.of(new AuthenticationMethod.Issuer(X), new AuthenticationMethod.Issuer(Y));
    PolicyDocument document =
        new PolicyDocument(
            methods, new DeclaredParameters(List.of()), Duration.ofHours(1), false, List.of(rules));
    return switch (Policy.compile(document)) {
      case Compilation.Compiled(Policy policy, var warnings) -> policy;
      case Compilation.Rejected(var errors, var warnings) -> throw new AssertionError(errors);
    };
  }

  private static RuleDocument ruleOf(String issuer, String tokenId) {
    ConditionDocument when = new ConditionDocument(List.of(), Map.of("iss", List.of(issuer)));
    return rule(when, tokenId, keys("${claims.iss}|${subject}|"));
  }

  private static RuleDocument rule(String tokenId, PermissionDocument... permissions) {
    return rule(ConditionDocument.everyone(), tokenId, permissions);
  }

  private static RuleDocument rule(
      ConditionDocument when, String tokenId, PermissionDocument... permissions) {
    return new RuleDocument(
        "rule-" + (tokenId.startsWith("$") ? "r" : tokenId.substring(0, 1)),
        when,
        Optional.empty(),
        Optional.of(tokenId),
        Reuse.NEVER,
        List.of(permissions));
  }

  private static PermissionDocument key(String key) {
    return new PermissionDocument(CacheRole.READ_ONLY, new Exact("chat"), new Exact(key));
  }

  private static PermissionDocument keys(String prefix) {
    return new PermissionDocument(CacheRole.READ_ONLY, new Exact("chat"), new Prefix(prefix));
  }

  private static PermissionDocument topic(String name) {
    return new PermissionDocument(TopicRole.SUBSCRIBE_ONLY, new Exact("chat"), new Exact(name));
  }

  private static PermissionDocument topics(String prefix) {
    return new PermissionDocument(TopicRole.SUBSCRIBE_ONLY, new Exact("chat"), new Prefix(prefix));
  }

  private static void assertApart(Grant mine, Grant theirs, String pair) {
    List<Statement> allowed = NaiveEvaluator.statements(mine.permissions());
    for (Call call : NaiveEvaluator.witnesses(NaiveEvaluator.statements(theirs.permissions()))) {
      if (NaiveEvaluator.allows(allowed, call)) {
        throw new AssertionError(call + " is allowed to both; " + pair);
      }
    }
  }

  private static String texts(Grant grant) {
    return grant.caller().subject() + " " + grant.permissions().texts();
  }

  private String subject() {
    StringBuilder subject = new StringBuilder();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      // The hostile half comes less often, or hardly any pair would be granted.
      subject.append(PIECES.get(random.nextInt(random.nextInt(4) == 0 ? PIECES.size() : 8)));
    }
    return subject.toString();
  }

  /** Often longer or shorter by a piece, in another case, or the very same. */
  private String near(String text) {
    return switch (random.nextInt(6)) {
      case 0 -> text + PIECES.get(random.nextInt(PIECES.size()));
      case 1 -> PIECES.get(random.nextInt(PIECES.size())) + text;
      case 2 -> text.substring(0, text.length() - 1);
      case 3 -> text.toUpperCase(Locale.ROOT);
      case 4 -> text;
      default -> subject();
    };
  }

  private static String tenant(Principal caller) {
    return caller.claim("tenant").orElseThrow() instanceof Claim.One(String value) ? value : "";
  }

  private static Principal caller(String issuer, String subject, String tenant) {
    return Principal.verified(
        issuer, subject, Set.of(), Map.of("tenant", new Claim.One(tenant)), Optional.empty());
  }
}

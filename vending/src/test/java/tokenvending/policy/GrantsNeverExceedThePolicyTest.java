package tokenvending.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Principal;
import tokenvending.policy.Decision.Granted;
import tokenvending.policy.Decision.Reason;
import tokenvending.request.VendRequest;
import tokenvending.testing.NaiveEvaluator;
import tokenvending.testing.NaiveEvaluator.Call;
import tokenvending.testing.NaiveEvaluator.Statement;
import tokenvending.testing.NaiveEvaluator.Verdict;
import tokenvending.testing.Triples;

/**
 * Generated documents, callers and requests: what is granted is exactly what {@link NaiveEvaluator}
 * says, and nothing is granted that it refuses.
 */
@Tag("I1")
@Tag("I4")
@Tag("T1")
@Tag("T18")
final class GrantsNeverExceedThePolicyTest {
  private static final int TRIPLES = 125_000;
  private static final int TRIPLES_PER_DOCUMENT = 50;
  private static final Instant NOW = Triples.NOW;

  private final long seed = Long.getLong("seed", 20260106L);
  private final Triples generated = new Triples(new Random(seed), Triples.WAYS_IN);
  private final Map<String, Integer> counts = new HashMap<>();

  @Test
  void what_is_granted_is_exactly_what_the_document_says() {
    int triples = 0;
    for (int number = 0; number < 200_000 && triples < TRIPLES; number++) {
      PolicyDocument document = generated.document();
      if (!(Policy.compile(document)
          instanceof Compilation.Compiled(Policy policy, var warnings))) {
        count("document rejected");
        continue;
      }
      count("document accepted");
      Map<String, String> owners = new HashMap<>();
      for (int i = 0; i < TRIPLES_PER_DOCUMENT; i++) {
        Principal caller = generated.caller(document);
        VendRequest request = generated.request(document, caller);
        try {
          check(document, policy, caller, request, owners);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(
              "seed %d, document %d, triple %d: %s%ncaller %s %s %s%nrequest %s"
                  .formatted(
                      seed,
                      number,
                      i,
                      document,
                      caller.issuer(),
                      caller.subject(),
                      caller.groups(),
                      request),
              e);
        }
        triples++;
      }
    }

    assertThat(triples).isEqualTo(TRIPLES);
    // Without these the test could hold for want of anything to look at.
    assertThat(counts.get("document rejected")).isGreaterThan(TRIPLES / 250);
    assertThat(counts.get("granted")).as(counts.toString()).isGreaterThan(TRIPLES / 5);
    assertThat(counts.get("granted narrowed")).as(counts.toString()).isGreaterThan(TRIPLES / 50);
    assertThat(counts.get("granted to anonymous")).isGreaterThan(TRIPLES / 50);
    assertThat(counts.get("granted with a caller's value")).isGreaterThan(TRIPLES / 20);
    assertThat(counts.get("granted to a hostile subject")).isGreaterThan(TRIPLES / 50);
    assertThat(counts.get("granted with a digest for an id")).isGreaterThan(TRIPLES / 500);
    assertThat(counts.get("granted by a second rule")).isGreaterThan(TRIPLES / 50);
    // The compiler prevents the first; for the others the policy is not asked.
    EnumSet<Reason> never = EnumSet.of(Reason.SAME_SELECTOR_TWICE, Reason.DENIED, Reason.BLOCKED);
    for (Reason reason : EnumSet.complementOf(never)) {
      assertThat(counts.getOrDefault(reason.name(), 0))
          .as(reason + " in " + counts)
          .isGreaterThan(TRIPLES / 1_000);
    }
    never.forEach(reason -> assertThat(counts).doesNotContainKey(reason.name()));
  }

  private void check(
      PolicyDocument document,
      Policy policy,
      Principal caller,
      VendRequest request,
      Map<String, String> owners) {
    Optional<Verdict> naive = NaiveEvaluator.decide(document, caller, request, NOW);
    Decision decision = policy.decide(caller, request, NOW);
    if (decision instanceof Decision.Denied(String rule, Reason reason)) {
      count(reason.name());
      require(naive.isEmpty(), "refused for " + reason + " what should be granted: " + naive);
      return;
    }
    Grant grant = ((Granted) decision).grant();
    require(naive.isPresent(), "granted what should be refused: " + grant.permissions().texts());
    Verdict should = naive.get();
    require(grant.caller() == caller, "granted to somebody else");
    require(grant.rule().equals(should.rule()), "by rule " + grant.rule());
    List<Statement> is = NaiveEvaluator.statements(grant.permissions());
    for (Call call : NaiveEvaluator.witnesses(is)) {
      require(NaiveEvaluator.allows(should.statements(), call), "too much: " + call);
    }
    for (Call call : NaiveEvaluator.witnesses(should.statements())) {
      require(NaiveEvaluator.allows(is, call), "too little: " + call);
    }
    require(grant.ttl().equals(should.ttl()), "for " + grant.ttl());
    long most = Math.min(90_000, ttl(document, grant.rule()).toSeconds());
    require(grant.ttl().toSeconds() >= 1 && grant.ttl().toSeconds() <= most, "" + grant.ttl());
    if (document.withinSession() && caller.sessionEnd().isPresent()) {
      require(!NOW.plus(grant.ttl()).isAfter(caller.sessionEnd().get()), "outlives the session");
    }
    Optional<String> id = grant.tokenId().map(TokenId::value);
    require(id.equals(should.id()), "as " + id + " and not " + should.id());
    require(id.orElse("").length() <= 64, "an id of " + id.orElse("").length());
    if (id.isPresent()) {
      String owner = caller.isAnonymous() ? "anonymous" : caller.issuer() + ' ' + caller.subject();
      String before = owners.putIfAbsent(id.get(), owner);
      require(before == null || before.equals(owner), "the id " + id + " is " + before + "'s");
    }
    countGranted(document, caller, request, grant);
  }

  private void countGranted(
      PolicyDocument document, Principal caller, VendRequest request, Grant grant) {
    count("granted");
    if (request.narrower().isPresent()) {
      count("granted narrowed");
    }
    if (caller.isAnonymous()) {
      count("granted to anonymous");
    }
    if (caller.subject().filter(Triples.HOSTILE::contains).isPresent()) {
      count("granted to a hostile subject");
    }
    if (grant.tokenId().filter(id -> id.value().startsWith("sha256:")).isPresent()) {
      count("granted with a digest for an id");
    }
    for (RuleDocument rule : document.rules()) {
      if (rule.id().equals(grant.rule()) && rule.permissions().toString().contains("${")) {
        count("granted with a caller's value");
      }
    }
    if (!document.rules().getFirst().id().equals(grant.rule())) {
      count("granted by a second rule");
    }
  }

  private static Duration ttl(PolicyDocument document, String id) {
    for (RuleDocument rule : document.rules()) {
      if (rule.id().equals(id)) {
        return rule.ttl().orElse(document.ttl());
      }
    }
    throw new AssertionError("no rule " + id);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }
}

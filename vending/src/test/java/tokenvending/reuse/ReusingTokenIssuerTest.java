package tokenvending.reuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tokenvending.identity.Attempt;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.permission.PermissionSet;
import tokenvending.permission.PermissionText;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.ConditionDocument;
import tokenvending.policy.Decision;
import tokenvending.policy.Grant;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.request.DeclaredParameters;
import tokenvending.request.VendRequest;
import tokenvending.secret.Secret;
import tokenvending.state.SealedEntries;
import tokenvending.testing.Attempts;
import tokenvending.testing.FakeSharedState;
import tokenvending.testing.Policies;
import tokenvending.testing.RecordingTokenIssuer;
import tokenvending.testing.SettableClock;
import tokenvending.testing.SettableNanos;
import tokenvending.testing.SharedReuseContract;

final class ReusingTokenIssuerTest {
  private static final String ISSUER_X = "https://x.example.com/";
  private static final String ISSUER_Y = "https://y.example.com/";
  private static final Attempt HERE = Attempts.at(Instant.EPOCH);
  private static final Duration HALF = Duration.ofMinutes(30);

  private final SettableClock clock = SettableClock.started();
  private final RecordingTokenIssuer momento = new RecordingTokenIssuer(clock);
  private final AtomicReference<Optional<TokenSeal>> key =
      new AtomicReference<>(Optional.of(TokenSeal.of(Secret.of("key-1"))));
  private final ReusingTokenIssuer issuer = reusing(Optional.empty());

  private ReusingTokenIssuer reusing(Optional<SealedEntries> shared) {
    return new ReusingTokenIssuer(momento, key::get, "v1", shared, clock);
  }

  private static Policy policy(Reuse reuse, boolean withinSession) {
    RuleDocument shared =
        new RuleDocument(
            "r",
            ConditionDocument.everyone(),
            Optional.empty(),
            Optional.empty(),
            reuse,
            List.of(Policies.subscribe("chat", "news"), Policies.subscribe("chat", "sport")));
    return Policies.compiled(
        new PolicyDocument(
            reuse == Reuse.EVERYONE
                ? List.of(new AuthenticationMethod.Open())
                : List.of(new AuthenticationMethod.Issuer(ISSUER_X)),
            new DeclaredParameters(List.of()),
            Duration.ofHours(1),
            withinSession,
            List.of(shared)));
  }

  private Grant grant(Reuse reuse, Principal caller) {
    return grant(policy(reuse, false), caller, VendRequest.of(Map.of()));
  }

  private Grant grant(Policy policy, Principal caller, VendRequest request) {
    return switch (policy.decide(caller, request, clock.instant())) {
      case Decision.Granted(Grant grant) -> grant;
      case Decision.Denied denied -> throw new AssertionError(denied.toString());
    };
  }

  private static Principal caller(String issuer, String subject) {
    return Principal.verified(issuer, subject, Set.of(), Map.of(), Optional.empty());
  }

  private Issued issued(Grant grant) {
    return issued(issuer, grant);
  }

  private static Issued issued(ReusingTokenIssuer from, Grant grant) {
    if (from.issue(grant, HERE) instanceof Issued issued) {
      return issued;
    }
    throw new AssertionError("no token");
  }

  @Test
  void same_caller_gets_the_same_token_and_the_result_says_so() {
    Issued first = issued(grant(Reuse.CALLER, caller(ISSUER_X, "ann")));
    Issued second = issued(grant(Reuse.CALLER, caller(ISSUER_X, "ann")));

    assertThat(first.reused()).isFalse();
    assertThat(second.reused()).isTrue();
    assertThat(second.token()).isSameAs(first.token());
    assertThat(momento.grants()).hasSize(1);
  }

  @Test
  @Tag("T3")
  void another_caller_and_the_same_subject_of_another_issuer_get_their_own() {
    issued(grant(Reuse.CALLER, caller(ISSUER_X, "ann")));

    assertThat(issued(grant(Reuse.CALLER, caller(ISSUER_X, "bob"))).reused()).isFalse();
    assertThat(issued(grant(Reuse.CALLER, caller(ISSUER_Y, "ann"))).reused()).isFalse();
    assertThat(momento.grants()).hasSize(3);
  }

  @Test
  void everybody_gets_the_same_token_where_the_policy_says_so() {
    issued(grant(Reuse.EVERYONE, Principal.anonymous()));

    assertThat(issued(grant(Reuse.EVERYONE, caller(ISSUER_X, "ann"))).reused()).isTrue();
    assertThat(momento.grants()).hasSize(1);
  }

  @Test
  void nothing_is_reused_where_the_policy_does_not_say_so() {
    issued(grant(Reuse.NEVER, caller(ISSUER_X, "ann")));

    assertThat(issued(grant(Reuse.NEVER, caller(ISSUER_X, "ann"))).reused()).isFalse();
    assertThat(momento.grants()).hasSize(2);
  }

  @Test
  void two_anonymous_callers_at_one_address_are_two_callers() {
    issued(grant(Reuse.CALLER, Principal.anonymous()));

    assertThat(issued(grant(Reuse.CALLER, Principal.anonymous())).reused()).isFalse();
    assertThat(momento.grants()).hasSize(2);
  }

  @Test
  void a_token_is_reused_while_half_of_its_life_is_left_and_no_longer() {
    Grant ann = grant(Reuse.CALLER, caller(ISSUER_X, "ann"));
    issued(ann);
    clock.advance(HALF);
    assertThat(issued(ann).reused()).isTrue();

    clock.advance(Duration.ofMillis(1));
    assertThat(issued(ann).reused()).isFalse();
    assertThat(momento.grants()).hasSize(2);
  }

  @Test
  void a_shorter_life_or_narrower_rights_are_another_token() {
    Policy policy = policy(Reuse.CALLER, false);
    Principal ann = caller(ISSUER_X, "ann");
    PermissionSet news =
        PermissionText.parse("SubscribeOnly cache=chat topic=news")
            .map(PermissionSet::of)
            .orElseThrow();
    issued(grant(policy, ann, VendRequest.of(Map.of())));
    VendRequest shorter =
        new VendRequest(Map.of(), Optional.empty(), Optional.of(Duration.ofMinutes(5)));
    VendRequest narrower = new VendRequest(Map.of(), Optional.of(news), Optional.empty());

    assertThat(issued(grant(policy, ann, shorter)).reused()).isFalse();
    assertThat(issued(grant(policy, ann, narrower)).reused()).isFalse();
    assertThat(issued(grant(policy, ann, narrower)).reused()).isTrue();
    assertThat(momento.grants().getLast().permissions()).isEqualTo(news);
  }

  @Test
  void a_token_of_a_rotated_api_key_is_not_handed_out() {
    Grant ann = grant(Reuse.CALLER, caller(ISSUER_X, "ann"));
    issued(ann);
    key.set(Optional.of(TokenSeal.of(Secret.of("key-2"))));

    assertThat(issued(ann).reused()).isFalse();
    key.set(Optional.empty());
    assertThat(issued(ann).reused()).isFalse();
    assertThat(momento.grants()).hasSize(3);
  }

  @Test
  void a_reused_token_ends_with_the_session() {
    Policy policy = policy(Reuse.CALLER, true);
    Principal longer =
        Principal.verified(
            ISSUER_X,
            "ann",
            Set.of(),
            Map.of(),
            Optional.of(clock.instant().plus(Duration.ofHours(2))));
    issued(grant(policy, longer, VendRequest.of(Map.of())));
    clock.advance(Duration.ofMinutes(10));
    Principal shorter =
        Principal.verified(
            ISSUER_X,
            "ann",
            Set.of(),
            Map.of(),
            Optional.of(clock.instant().plus(Duration.ofMinutes(20))));

    Issued second = issued(grant(policy, shorter, VendRequest.of(Map.of())));

    assertThat(second.reused()).isFalse();
    assertThat(second.token().expiresAt())
        .isBeforeOrEqualTo(clock.instant().plus(Duration.ofMinutes(20)));
  }

  @Test
  void callers_who_come_together_share_one_call() throws InterruptedException {
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    ReusingTokenIssuer slow =
        new ReusingTokenIssuer(
            (grant, attempt) -> {
              asked.countDown();
              return awaits(open) ? momento.issue(grant, attempt) : gone();
            },
            key::get,
            "v1",
            Optional.empty(),
            clock);
    Grant everyone = grant(Reuse.EVERYONE, Principal.anonymous());
    List<IssueResult> results = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    IssueResult result = slow.issue(everyone, HERE);
                    synchronized (results) {
                      results.add(result);
                    }
                  }));
    }
    assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
    open.countDown();
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(5))).isTrue();
    }

    assertThat(momento.grants()).hasSize(1);
    assertThat(results).hasSize(50).allMatch(Issued.class::isInstance);
    assertThat(results.stream().filter(r -> r instanceof Issued i && !i.reused()).count())
        .isEqualTo(1);
  }

  @Test
  void a_failure_is_not_kept() {
    momento.answers(new Unavailable(Cause.UPSTREAM_RATE_LIMITED, Duration.ofSeconds(1)));
    Grant everyone = grant(Reuse.EVERYONE, Principal.anonymous());

    assertThat(issuer.issue(everyone, HERE)).isInstanceOf(Unavailable.class);
    assertThat(issued(everyone).reused()).isFalse();
  }

  @Test
  @Timeout(30)
  void an_error_ends_the_call_for_its_caller_and_the_next_call_is_made() {
    AtomicBoolean broken = new AtomicBoolean(true);
    ReusingTokenIssuer failing =
        new ReusingTokenIssuer(
            (grant, attempt) -> {
              if (broken.getAndSet(false)) {
                throw new LinkageError("a class that does not load");
              }
              return momento.issue(grant, attempt);
            },
            key::get,
            "v1",
            Optional.empty(),
            clock);
    Grant everyone = grant(Reuse.EVERYONE, Principal.anonymous());

    assertThatThrownBy(() -> failing.issue(everyone, HERE)).isInstanceOf(LinkageError.class);
    assertThat(issued(failing, everyone).reused()).isFalse();
  }

  @Test
  void who_leaves_leaves_alone_and_the_last_one_ends_the_call() throws InterruptedException {
    CountDownLatch open = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    CountDownLatch over = new CountDownLatch(1);
    ReusingTokenIssuer slow =
        new ReusingTokenIssuer(
            (grant, attempt) -> {
              boolean opened = awaits(open);
              interrupted.set(!opened);
              over.countDown();
              return opened ? momento.issue(grant, attempt) : gone();
            },
            key::get,
            "v1",
            Optional.empty(),
            clock);
    Grant everyone = grant(Reuse.EVERYONE, Principal.anonymous());
    List<IssueResult> results = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    IssueResult result = slow.issue(everyone, HERE);
                    synchronized (results) {
                      results.add(result);
                    }
                  }));
    }
    for (Thread thread : threads) {
      while (thread.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
    }
    threads.getFirst().interrupt();
    assertThat(threads.getFirst().join(Duration.ofSeconds(5))).isTrue();
    assertThat(over.getCount()).isEqualTo(1);
    threads.getLast().interrupt();
    assertThat(threads.getLast().join(Duration.ofSeconds(5))).isTrue();

    assertThat(over.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(interrupted).isTrue();
    assertThat(results)
        .hasSize(2)
        .allMatch(
            r ->
                r instanceof Unavailable(Cause cause, var a) && cause == Cause.CALLER_DISCONNECTED);
    assertThat(momento.grants()).isEmpty();
    open.countDown();
    assertThat(issued(slow, everyone).reused()).isFalse();
  }

  private static boolean awaits(CountDownLatch open) {
    try {
      return open.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static IssueResult gone() {
    return new Unavailable(Cause.CALLER_DISCONNECTED, Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @EnumSource(Reuse.class)
  void a_store_that_is_away_costs_a_call_and_nothing_else(Reuse reuse) {
    FakeSharedState store = new FakeSharedState(new SettableNanos());
    store.goAway();
    Principal caller = reuse == Reuse.EVERYONE ? Principal.anonymous() : caller(ISSUER_X, "ann");

    assertThat(issued(reusing(Optional.of(store.entries())), grant(reuse, caller)).reused())
        .isFalse();
    assertThat(momento.grants()).hasSize(1);
  }

  @Nested
  final class Shared extends SharedReuseContract {
    private final FakeSharedState store = new FakeSharedState(new SettableNanos());

    @Override
    protected List<SealedEntries> ways() {
      return List.of(store.entries(), store.entries());
    }

    @Override
    protected int steps() {
      return 3_000;
    }
  }
}

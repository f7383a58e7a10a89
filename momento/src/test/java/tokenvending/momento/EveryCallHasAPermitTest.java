package tokenvending.momento;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.budget.AcquireResult;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.momento.FakeTokenService.Response;
import tokenvending.momento.netty.NettyConnector;

/** No message is sent to the token service for which the budget was not asked. */
@Tag("I8")
final class EveryCallHasAPermitTest {
  private static final String ONE = "ReadOnly cache=a";
  private static final AcquireResult.Rejected FULL =
      new AcquireResult.Rejected(Cause.BUDGET_EXHAUSTED, Duration.ofSeconds(7));

  private final CountingBudget budget = new CountingBudget();

  private IssuingRow issuer(FakeTokenService service, RotatingApiKey key) {
    return new IssuingRow(
        key,
        Optional.of(MomentoTokenIssuerTest.address(service.uri())),
        NettyConnector.nio(),
        Duration.ofSeconds(50),
        budget,
        InstantSource.system(),
        System::nanoTime,
        RandomGenerator.getDefault());
  }

  private IssueResult ask(FakeTokenService service) {
    RotatingApiKey key = MomentoTokenIssuerTest.fixed(MomentoTokenIssuerTest.key("raw-key"));
    try (IssuingRow issuer = issuer(service, key)) {
      return issuer.issue(Grants.of(ONE), Grants.HERE);
    }
  }

  @Test
  void an_answer_takes_one_turn() {
    try (FakeTokenService service = FakeTokenService.issuing()) {
      assertThat(ask(service)).isInstanceOf(Issued.class);
      assertThat(budget.outcomes()).containsExactly("SUCCEEDED");
      assertThat(budget.callers()).hasSize(1);
    }
  }

  @Test
  void each_further_attempt_takes_another_permit_for_the_same_caller() {
    try (FakeTokenService service =
        new FakeTokenService((request, number) -> new Response.Fails(Status.UNAVAILABLE))) {
      assertThat(ask(service)).isInstanceOf(Unavailable.class);
      assertThat(service.requests()).hasSize(3);
      assertThat(budget.outcomes()).containsExactly("UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE");
      assertThat(budget.callers()).hasSize(3);
      assertThat(budget.callers().stream().distinct()).hasSize(1);
    }
  }

  @Test
  void the_first_turn_is_asked_for_as_of_the_arrival_and_further_ones_as_of_now() {
    try (FakeTokenService service =
        new FakeTokenService((request, number) -> new Response.Fails(Status.UNAVAILABLE))) {
      assertThat(ask(service)).isInstanceOf(Unavailable.class);
      assertThat(budget.waited()).hasSize(3);
      // The attempt is of 1970.
      assertThat(budget.waited().getFirst()).isGreaterThan(Duration.ofDays(365));
      assertThat(budget.waited().subList(1, 3)).containsOnly(Duration.ZERO);
    }
  }

  @Test
  void without_a_turn_nothing_is_sent_and_the_caller_is_told_when_to_come_back() {
    budget.grants(0, FULL);
    try (FakeTokenService service = FakeTokenService.issuing()) {
      assertThat(ask(service))
          .isEqualTo(new Unavailable(Cause.BUDGET_EXHAUSTED, Duration.ofSeconds(7)));
      assertThat(service.requests()).isEmpty();
    }
  }

  @Test
  void without_a_second_turn_there_is_no_second_attempt() {
    budget.grants(1, FULL);
    try (FakeTokenService service =
        new FakeTokenService((request, number) -> new Response.Fails(Status.UNAVAILABLE))) {
      assertThat(ask(service))
          .isEqualTo(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)));
      assertThat(service.requests()).hasSize(1);
    }
  }

  @Test
  void the_call_after_a_change_of_the_key_takes_a_turn() {
    AtomicReference<KeyReading> found = new AtomicReference<>(MomentoTokenIssuerTest.key("old"));
    RotatingApiKey key = new RotatingApiKey(found::get, Duration.ofHours(1), System::nanoTime);
    try (FakeTokenService service =
            new FakeTokenService(
                (request, number) -> {
                  found.set(MomentoTokenIssuerTest.key("new"));
                  return number == 1
                      ? new Response.Fails(Status.UNAUTHENTICATED)
                      : FakeTokenService.good();
                });
        IssuingRow issuer = issuer(service, key)) {
      issuer.apiKey.current();
      awaitAnotherReading();
      assertThat(issuer.issue(Grants.of(ONE), Grants.HERE)).isInstanceOf(Issued.class);
      assertThat(budget.outcomes()).containsExactly("API_KEY_REJECTED", "SUCCEEDED");
    }
  }

  /** A key is read at most once a second. */
  private static void awaitAnotherReading() {
    long end = System.nanoTime() + Duration.ofMillis(1_050).toNanos();
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void momentos_own_refusal_is_told_to_the_budget_and_not_tried_again() {
    try (FakeTokenService service =
        new FakeTokenService((request, number) -> new Response.Fails(Status.RESOURCE_EXHAUSTED))) {
      assertThat(ask(service))
          .isEqualTo(new Unavailable(Cause.UPSTREAM_RATE_LIMITED, Duration.ofSeconds(1)));
      assertThat(service.requests()).hasSize(1);
      assertThat(budget.outcomes()).containsExactly("RATE_LIMITED");
    }
  }

  @Test
  void a_turn_that_lapsed_before_the_call_is_given_back() {
    budget.lapses().grants(1, FULL);
    try (FakeTokenService service = FakeTokenService.issuing()) {
      assertThat(ask(service))
          .isEqualTo(new Unavailable(Cause.BUDGET_EXHAUSTED, Duration.ofSeconds(7)));
      assertThat(service.requests()).isEmpty();
      assertThat(budget.outcomes()).containsExactly("UNUSED");
    }
  }
}

package tokenvending.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.observation.CallOutcome;
import tokenvending.testing.SettableNanos;

final class CircuitBreakerTest {
  private static final BudgetCaller ANN = new BudgetCaller("ann", false);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final SettableNanos clock = new SettableNanos();
  private int asked;
  private int unused;
  private final Budget always =
      (caller, waited, timeout) -> {
        asked++;
        return new AcquireResult.Acquired(
            new Permit() {
              @Override
              public boolean isValid() {
                return true;
              }

              @Override
              public void complete(CallOutcome outcome) {}

              @Override
              public void release() {
                unused++;
              }
            });
      };
  private final CircuitBreaker breaker = new CircuitBreaker(always, clock, open -> {});

  private Permit call() {
    if (breaker.acquire(ANN, Duration.ZERO, TIMEOUT)
        instanceof AcquireResult.Acquired(Permit call)) {
      return call;
    }
    throw new AssertionError("it is open");
  }

  private void calls(CallOutcome... outcomes) {
    for (CallOutcome outcome : outcomes) {
      call().complete(outcome);
    }
  }

  private void fails(int times) {
    for (int i = 0; i < times; i++) {
      calls(CallOutcome.FAILED);
    }
  }

  private void assertOpen() {
    int before = asked;
    assertThat(breaker.acquire(ANN, Duration.ZERO, TIMEOUT))
        .isInstanceOfSatisfying(
            AcquireResult.Rejected.class,
            notNow -> {
              assertThat(notNow.cause()).isEqualTo(Cause.CIRCUIT_OPEN);
              assertThat(notNow.retryAfter()).isBetween(Duration.ofNanos(1), Duration.ofSeconds(5));
            });
    assertThat(asked).as("nobody stands in queue").isEqualTo(before);
  }

  @Test
  void five_failures_in_a_row_open_it_and_four_do_not() {
    fails(4);
    calls(CallOutcome.SUCCEEDED);
    fails(4);
    calls(CallOutcome.FAILED);

    assertOpen();
  }

  @Test
  void more_than_half_of_twenty_open_it_and_half_does_not() {
    for (int i = 0; i < 10; i++) {
      calls(CallOutcome.SUCCEEDED, CallOutcome.FAILED);
    }
    calls(CallOutcome.SUCCEEDED, CallOutcome.FAILED);
    assertThat(breaker.openFor()).isZero();
    calls(CallOutcome.FAILED);

    assertOpen();
  }

  @ParameterizedTest
  @EnumSource(
      value = CallOutcome.class,
      names = {"SUCCEEDED", "API_KEY_REJECTED", "REQUEST_REJECTED", "RATE_LIMITED"})
  void an_answer_of_any_kind_ends_a_row_of_failures(CallOutcome answer) {
    fails(4);
    calls(answer);
    fails(4);

    assertThat(breaker.openFor()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = CallOutcome.class,
      names = {"UNAVAILABLE", "TIMED_OUT", "FAILED"})
  void no_answer_and_a_broken_one_are_failures_alike(CallOutcome failure) {
    fails(4);
    calls(failure);

    assertOpen();
  }

  @Test
  void who_went_away_says_nothing_about_the_service() {
    fails(4);
    calls(CallOutcome.CANCELED);
    fails(1);

    assertOpen();
  }

  @Test
  void one_call_in_five_seconds_tries_whether_it_works_again() {
    fails(5);
    clock.advance(Duration.ofSeconds(5));
    Permit probe = call();
    assertOpen();
    probe.complete(CallOutcome.FAILED);
    assertOpen();
    clock.advance(Duration.ofSeconds(5));
    calls(CallOutcome.SUCCEEDED);

    assertThat(breaker.openFor()).isZero();
    calls(CallOutcome.SUCCEEDED, CallOutcome.SUCCEEDED);
  }

  @Test
  void whoever_stood_in_line_when_it_opened_gives_his_slot_back() {
    // While he waits for his turn, the calls of five others fail.
    CircuitBreaker[] self = new CircuitBreaker[1];
    Budget queue =
        (caller, waited, timeout) -> {
          if (caller.equals(ANN)) {
            for (int i = 0; i < 5; i++) {
              granted(self[0], new BudgetCaller("other", false)).complete(CallOutcome.FAILED);
            }
          }
          return always.acquire(caller, waited, timeout);
        };
    self[0] = new CircuitBreaker(queue, clock, open -> {});

    assertThat(self[0].acquire(ANN, Duration.ZERO, TIMEOUT))
        .isInstanceOf(AcquireResult.Rejected.class);
    assertThat(unused).isEqualTo(1);
  }

  private static Permit granted(Budget budget, BudgetCaller who) {
    if (budget.acquire(who, Duration.ZERO, TIMEOUT)
        instanceof AcquireResult.Acquired(Permit call)) {
      return call;
    }
    throw new AssertionError("it is open");
  }
}

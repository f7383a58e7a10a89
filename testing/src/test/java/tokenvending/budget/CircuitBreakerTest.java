package tokenvending.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tokenvending.budget.Turn.Ending;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.observation.Observer;
import tokenvending.testing.SettableNanos;

final class CircuitBreakerTest {
  private static final Applicant ANN = new Applicant("ann", false);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final SettableNanos clock = new SettableNanos();
  private int asked;
  private int unused;
  private final Budget always =
      (applicant, waited, patience) -> {
        asked++;
        return new Turn.Granted(
            new Turn.Call() {
              @Override
              public boolean holds() {
                return true;
              }

              @Override
              public void ended(Ending ending) {}

              @Override
              public void unused() {
                unused++;
              }
            });
      };
  private final CircuitBreaker breaker = new CircuitBreaker(always, clock, Observer.none());

  private Turn.Call call() {
    if (breaker.await(ANN, Duration.ZERO, PATIENCE) instanceof Turn.Granted(Turn.Call call)) {
      return call;
    }
    throw new AssertionError("it is open");
  }

  private void calls(Ending... endings) {
    for (Ending ending : endings) {
      call().ended(ending);
    }
  }

  private void fails(int times) {
    for (int i = 0; i < times; i++) {
      calls(Ending.FAILED);
    }
  }

  private void assertOpen() {
    int before = asked;
    assertThat(breaker.await(ANN, Duration.ZERO, PATIENCE))
        .isInstanceOfSatisfying(
            Turn.NotNow.class,
            notNow -> {
              assertThat(notNow.cause()).isEqualTo(Cause.UPSTREAM_LEFT_ALONE);
              assertThat(notNow.retryAfter()).isBetween(Duration.ofNanos(1), Duration.ofSeconds(5));
            });
    assertThat(asked).as("nobody stands in line").isEqualTo(before);
  }

  @Test
  void five_failures_in_a_row_open_it_and_four_do_not() {
    fails(4);
    calls(Ending.ANSWERED);
    fails(4);
    calls(Ending.FAILED);

    assertOpen();
  }

  @Test
  void more_than_half_of_twenty_open_it_and_half_does_not() {
    for (int i = 0; i < 10; i++) {
      calls(Ending.ANSWERED, Ending.FAILED);
    }
    calls(Ending.ANSWERED, Ending.FAILED);
    assertThat(breaker.openFor()).isZero();
    calls(Ending.FAILED);

    assertOpen();
  }

  @ParameterizedTest
  @EnumSource(
      value = Ending.class,
      names = {"ANSWERED", "KEY_REFUSED", "REQUEST_REFUSED", "OVER_LIMIT"})
  void an_answer_of_any_kind_ends_a_row_of_failures(Ending answer) {
    fails(4);
    calls(answer);
    fails(4);

    assertThat(breaker.openFor()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Ending.class,
      names = {"UNREACHABLE", "TOO_SLOW", "FAILED"})
  void no_answer_and_a_broken_one_are_failures_alike(Ending failure) {
    fails(4);
    calls(failure);

    assertOpen();
  }

  @Test
  void who_went_away_says_nothing_about_the_service() {
    fails(4);
    calls(Ending.ABANDONED);
    fails(1);

    assertOpen();
  }

  @Test
  void one_call_in_five_seconds_tries_whether_it_works_again() {
    fails(5);
    clock.advance(Duration.ofSeconds(5));
    Turn.Call probe = call();
    assertOpen();
    probe.ended(Ending.FAILED);
    assertOpen();
    clock.advance(Duration.ofSeconds(5));
    calls(Ending.ANSWERED);

    assertThat(breaker.openFor()).isZero();
    calls(Ending.ANSWERED, Ending.ANSWERED);
  }

  @Test
  void whoever_stood_in_line_when_it_opened_gives_his_slot_back() {
    // While he waits for his turn, the calls of five others fail.
    CircuitBreaker[] self = new CircuitBreaker[1];
    Budget line =
        (applicant, waited, patience) -> {
          if (applicant.equals(ANN)) {
            for (int i = 0; i < 5; i++) {
              granted(self[0], new Applicant("other", false)).ended(Ending.FAILED);
            }
          }
          return always.await(applicant, waited, patience);
        };
    self[0] = new CircuitBreaker(line, clock, Observer.none());

    assertThat(self[0].await(ANN, Duration.ZERO, PATIENCE)).isInstanceOf(Turn.NotNow.class);
    assertThat(unused).isEqualTo(1);
  }

  private static Turn.Call granted(Budget budget, Applicant who) {
    if (budget.await(who, Duration.ZERO, PATIENCE) instanceof Turn.Granted(Turn.Call call)) {
      return call;
    }
    throw new AssertionError("it is open");
  }
}

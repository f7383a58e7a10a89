package tokenvending.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.budget.BudgetQueue.AcquireRequest;
import tokenvending.budget.BudgetQueue.Answer;
import tokenvending.budget.BudgetQueue.Poll;
import tokenvending.limits.Rate;
import tokenvending.observation.Observer;
import tokenvending.testing.BudgetQueueContract;
import tokenvending.testing.FakeSharedState;
import tokenvending.testing.SettableNanos;

final class FallbackBudgetQueueTest {
  private static final Duration STEP = Duration.ofMillis(50);
  private static final BudgetTerms TERMS =
      new BudgetTerms(
          new Rate(5, Duration.ofSeconds(1)), Duration.ofSeconds(2), Duration.ofSeconds(3));

  private final SettableNanos clock = new SettableNanos();
  private final FakeSharedState store = new FakeSharedState(clock);
  private final List<BudgetQueue> instances = new ArrayList<>();

  /** When each call arrived upstream, in milliseconds of this test. */
  private final Deque<Integer> calls = new ArrayDeque<>();

  private int now;
  private int tickets;

  private BudgetTerms terms = TERMS;

  private void instances(int count, Optional<Integer> maxInstances) {
    terms = new BudgetTerms(TERMS.rate(), TERMS.maxWait(), TERMS.longestCall(), maxInstances);
    for (int i = 0; i < count; i++) {
      instances.add(new FallbackBudgetQueue(store.queue(), clock, Observer.none()));
    }
  }

  /** Everybody asks at every instance all the time; no second may see a sixth call. */
  private int crowdFor(Duration time) {
    int made = 0;
    for (Duration left = time; left.isPositive(); left = left.minus(STEP)) {
      clock.advance(STEP);
      now += (int) STEP.toMillis();
      for (BudgetQueue instance : instances) {
        for (int i = 0; i < 7; i++) {
          String ticket = "t" + tickets++;
          BudgetCaller who = new BudgetCaller(ticket, false);
          Poll look =
              instance.poll(
                  new AcquireRequest(who, ticket, Duration.ZERO, Duration.ZERO, 0.5, false, terms));
          if (look instanceof Poll.Granted) {
            made++;
            arrives();
            instance.answered(ticket, Answer.GIVEN, terms);
          }
        }
      }
    }
    return made;
  }

  private void arrives() {
    while (!calls.isEmpty() && now - calls.getFirst() >= 1_000) {
      calls.removeFirst();
    }
    calls.addLast(now);
    assertThat(calls).as("calls in the second before %d ms", now).hasSizeLessThanOrEqualTo(5);
  }

  @Test
  @Tag("I8")
  void budget_is_not_exceeded_while_the_state_goes_and_comes() {
    instances(3, Optional.of(3));
    int before = crowdFor(Duration.ofSeconds(5));
    store.goAway();
    int idle = crowdFor(Duration.ofSeconds(1));
    int alone = crowdFor(Duration.ofSeconds(10));
    store.comeBack();
    int returning = crowdFor(Duration.ofMillis(4_500));
    int after = crowdFor(Duration.ofSeconds(5));

    assertThat(before).isBetween(20, 30);
    assertThat(idle).isZero();
    // One a second for each: five divided by three, rounded down.
    assertThat(alone).isBetween(24, 33);
    assertThat(returning).isLessThanOrEqualTo(22);
    assertThat(after).isBetween(20, 30);
  }

  @Test
  @Tag("I8")
  void more_instances_than_slots_have_no_share_that_would_be_safe() {
    instances(6, Optional.of(6));
    store.goAway();

    assertThat(crowdFor(Duration.ofSeconds(5))).isZero();
  }

  @Test
  void where_nobody_says_how_many_instances_there_are_nothing_is_granted() {
    instances(1, Optional.empty());
    crowdFor(Duration.ofSeconds(2));
    store.goAway();
    assertThat(crowdFor(Duration.ofSeconds(5))).isZero();
    assertThat(instances.getFirst().status(terms)).isEmpty();
    store.comeBack();

    assertThat(crowdFor(Duration.ofSeconds(6))).isPositive();
  }

  @Test
  void a_state_that_is_away_is_asked_twice_a_second_and_not_by_everybody() {
    instances(1, Optional.of(1));
    store.goAway();
    crowdFor(Duration.ofSeconds(10));

    assertThat(store.questions()).isBetween(15, 25);
  }

  @Test
  void who_looks_at_it_notices_that_it_is_back() {
    instances(1, Optional.empty());
    store.goAway();
    crowdFor(Duration.ofMillis(100));
    store.comeBack();
    clock.advance(Duration.ofSeconds(1));

    assertThat(instances.getFirst().status(terms)).isPresent();
  }

  /** While the store is there it is as good as the store itself. */
  @Nested
  final class Contract extends BudgetQueueContract {
    private final FallbackBudgetQueue queue =
        new FallbackBudgetQueue(store.queue(), clock, Observer.none());

    @Override
    protected BudgetQueue queue() {
      return queue;
    }

    @Override
    protected void pass(Duration time) {
      clock.advance(time);
    }
  }
}

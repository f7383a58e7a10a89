package tokenvending.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.limits.Rate;
import tokenvending.observation.CallOutcome;
import tokenvending.observation.Observer;
import tokenvending.observation.QueueStatus;
import tokenvending.testing.FakeSharedState;

/** In real time, and therefore short. */
final class FairBudgetTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static BudgetTerms terms(int slots, Duration maxWait) {
    return new BudgetTerms(new Rate(slots, SECOND), maxWait, Duration.ofSeconds(5));
  }

  private static FairBudget budget(BudgetQueue queue, BudgetTerms terms) {
    return budget(queue, terms, new CallWindow(terms, System::nanoTime));
  }

  private static FairBudget budget(BudgetQueue queue, BudgetTerms terms, CallWindow calls) {
    return new FairBudget(
        queue, terms, calls, System::nanoTime, new SplittableRandom(1), Observer.none());
  }

  private static BudgetCaller caller(String name) {
    return new BudgetCaller(name, false);
  }

  @Test
  @Tag("I8")
  void many_at_once_never_exceed_the_rate_in_any_second() throws InterruptedException {
    FairBudget budget =
        budget(new MemoryBudgetQueue(System::nanoTime), terms(20, Duration.ofMillis(1_500)));
    List<Long> sent = new ArrayList<>();
    List<AcquireResult.Rejected> away = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      BudgetCaller caller = caller("caller-" + i);
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    switch (budget.acquire(caller, Duration.ZERO, SECOND.multipliedBy(9))) {
                      case AcquireResult.Acquired(Permit call) -> {
                        synchronized (sent) {
                          sent.add(System.nanoTime());
                        }
                        call.complete(CallOutcome.SUCCEEDED);
                      }
                      case AcquireResult.Rejected notNow -> {
                        synchronized (away) {
                          away.add(notNow);
                        }
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    }

    sent.sort(null);
    for (int i = 20; i < sent.size(); i++) {
      assertThat(sent.get(i) - sent.get(i - 20)).isGreaterThanOrEqualTo(SECOND.toNanos());
    }
    assertThat(sent).hasSizeBetween(40, 60);
    assertThat(sent.size() + away.size()).isEqualTo(200);
    assertThat(away)
        .allMatch(
            notNow ->
                notNow.cause() == Cause.BUDGET_EXHAUSTED
                    && notNow.retryAfter().compareTo(SECOND) >= 0);
  }

  @Test
  @Tag("T6")
  void who_goes_away_is_out_of_the_line() throws InterruptedException {
    MemoryBudgetQueue queue = new MemoryBudgetQueue(System::nanoTime);
    BudgetTerms terms = terms(1, Duration.ofSeconds(5));
    FairBudget budget = budget(queue, terms);
    assertThat(budget.acquire(caller("ann"), Duration.ZERO, SECOND))
        .isInstanceOf(AcquireResult.Acquired.class);
    AtomicReference<AcquireResult> told = new AtomicReference<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(
                () ->
                    told.set(budget.acquire(caller("bob"), Duration.ZERO, Duration.ofSeconds(5))));
    while (queue.status(terms).orElseThrow().waiting() == 0) {
      Thread.onSpinWait();
    }
    waiting.interrupt();

    assertThat(waiting.join(Duration.ofSeconds(2))).isTrue();
    assertThat(told.get())
        .isInstanceOfSatisfying(
            AcquireResult.Rejected.class,
            notNow -> assertThat(notNow.cause()).isEqualTo(Cause.CALLER_DISCONNECTED));
    assertThat(queue.status(terms).orElseThrow().positions()).isZero();
  }

  @Test
  void a_slot_that_was_not_used_goes_to_whoever_waits_at_once() throws InterruptedException {
    FairBudget budget =
        budget(new MemoryBudgetQueue(System::nanoTime), terms(1, Duration.ofSeconds(5)));
    if (!(budget.acquire(caller("ann"), Duration.ZERO, SECOND)
        instanceof AcquireResult.Acquired(Permit call))) {
      throw new AssertionError("nobody else is here");
    }
    CountDownLatch granted = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              if (budget.acquire(caller("bob"), Duration.ZERO, Duration.ofSeconds(5))
                  instanceof AcquireResult.Acquired) {
                granted.countDown();
              }
            });
    assertThat(granted.await(50, TimeUnit.MILLISECONDS)).isFalse();
    call.release();

    assertThat(granted.await(900, TimeUnit.MILLISECONDS)).isTrue();
  }

  @Test
  void without_the_state_nobody_has_a_turn() {
    FakeSharedState state = new FakeSharedState(System::nanoTime);
    state.goAway();
    FairBudget budget = budget(state.queue(), terms(5, SECOND));

    assertThat(budget.acquire(caller("ann"), Duration.ZERO, SECOND))
        .isInstanceOfSatisfying(
            AcquireResult.Rejected.class,
            notNow -> assertThat(notNow.cause()).isEqualTo(Cause.STATE_UNAVAILABLE));
    assertThat(budget.exhaustedFor()).isPositive();
  }

  @Test
  void rejected_caller_uses_its_ticket_again_because_its_grant_can_have_been_lost() {
    Deque<BudgetQueue.Poll> polls =
        new ArrayDeque<>(
            List.of(
                new BudgetQueue.Poll.Unavailable(),
                new BudgetQueue.Poll.Rejected(SECOND, false),
                new BudgetQueue.Poll.Granted(),
                new BudgetQueue.Poll.Granted(),
                new BudgetQueue.Poll.Granted()));
    List<String> tickets = new ArrayList<>();
    BudgetQueue queue =
        new BudgetQueue() {
          @Override
          public Poll poll(AcquireRequest request) {
            tickets.add(request.ticket());
            return polls.removeFirst();
          }

          @Override
          public void answered(String ticket, Answer answer, BudgetTerms terms) {}

          @Override
          public void release(String ticket) {}

          @Override
          public void leave(String ticket) {}

          @Override
          public Optional<QueueStatus> status(BudgetTerms terms) {
            return Optional.empty();
          }
        };
    FairBudget budget = budget(queue, terms(5, SECOND));

    for (int i = 0; i < 4; i++) {
      budget.acquire(caller("one"), Duration.ZERO, SECOND);
    }
    budget.acquire(caller("two"), Duration.ZERO, SECOND);

    assertThat(tickets.subList(0, 3)).containsOnly(tickets.getFirst());
    assertThat(tickets.subList(2, 5)).doesNotHaveDuplicates();
  }

  @Test
  void a_long_line_that_is_served_is_no_obstacle() {
    FairBudget budget = budget(new MemoryBudgetQueue(System::nanoTime), terms(1, Duration.ZERO));
    assertThat(budget.exhaustedFor()).isZero();
    assertThat(budget.acquire(caller("ann"), Duration.ZERO, SECOND))
        .isInstanceOf(AcquireResult.Acquired.class);
    assertThat(budget.acquire(caller("bob"), Duration.ZERO, SECOND))
        .isInstanceOf(AcquireResult.Rejected.class);

    assertThat(budget.exhaustedFor()).isLessThan(Duration.ofMinutes(1));
  }
}

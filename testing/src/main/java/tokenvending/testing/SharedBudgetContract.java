package tokenvending.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.state.SharedState;

/**
 * Runs several instances with one real store, which is killed and stopped. Whatever happens, the
 * upstream must not receive a sixth call in any second. A subclass is a test class. Its tests run
 * at the same time where the module allows it, since each waits for most of its time.
 */
@Execution(ExecutionMode.CONCURRENT)
public abstract class SharedBudgetContract {
  private static final Duration AWAY = Duration.ofSeconds(5);

  protected final Upstream upstream = new Upstream();

  /** Returns the store of this test. */
  protected abstract StoreProcess store();

  /** Opens the state of one instance; all instances of a test share a queue. */
  protected abstract SharedState open();

  /** Waits until a new queue in the store is open. */
  protected abstract void settle();

  /** Returns the number of callers of an instance. */
  protected abstract int people();

  /** Returns the least number of calls, of 25, that are made in five seconds without faults. */
  protected abstract int used();

  protected static void await(String what, BooleanSupplier condition) {
    Await.until(what, condition);
  }

  /** Returns an instance without a known number of instances. */
  protected Instance instance() {
    return new Instance(open(), Optional.empty(), upstream);
  }

  private Instance oneOfThree() {
    return new Instance(open(), Optional.of(3), upstream);
  }

  private void crowds(Instance... instances) {
    for (Instance instance : instances) {
      instance.startCallers(people());
    }
  }

  private int during(Duration time) {
    int before = upstream.calls();
    Await.pass(time);
    return upstream.calls() - before;
  }

  protected void awaitMoreCalls(int more) {
    int seen = upstream.calls();
    await(more + " more calls", () -> upstream.calls() >= seen + more);
  }

  protected void assertNotExceeded() {
    assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
  }

  @Test
  void three_instances_use_one_budget_and_all_of_it() {
    try (Instance one = instance();
        Instance two = instance();
        Instance three = instance()) {
      crowds(one, two, three);
      await("a first second is over", () -> upstream.calls() > 5);

      // 25 at most; a slot is unused while its call is in progress.
      int most = 0;
      for (int i = 0; i < 5 && most < used(); i++) {
        most = during(Duration.ofSeconds(5));
      }
      assertThat(most).isBetween(used(), 25);
      await("each makes some", () -> one.calls() > 0 && two.calls() > 0 && three.calls() > 0);
      assertNotExceeded();
    }
  }

  @Test
  void store_that_was_killed_and_forgot_everything_grants_nothing_twice() {
    try (Instance one = instance();
        Instance two = instance()) {
      crowds(one, two);
      for (int i = 0; i < 3; i++) {
        awaitMoreCalls(6);
        store().kill();
        store().startAgain();
      }
      awaitMoreCalls(6);

      assertNotExceeded();
    }
  }

  @Test
  void instance_that_did_not_see_the_store_fail_is_granted_nothing_by_one_that_forgot() {
    try (Instance one = instance()) {
      crowds(one);
      awaitMoreCalls(6);
      store().kill();
      store().startAgain();
      try (Instance late = instance()) {
        crowds(late);
        await("calls are made again", () -> late.calls() > 5);
      }

      assertNotExceeded();
    }
  }

  @Test
  void while_the_store_stands_still_each_goes_on_with_his_share() {
    try (Instance one = oneOfThree();
        Instance two = oneOfThree();
        Instance idle = oneOfThree()) {
      crowds(one, two);
      awaitMoreCalls(11);
      store().stop();
      await("it is noticed", () -> one.isAlone() && two.isAlone());
      int noticed = upstream.calls();
      assertThat(during(Duration.ofMillis(900))).as("in the idle period").isLessThanOrEqualTo(1);
      // Five divided by three, rounded down, for each of the two instances with callers.
      assertThat(during(AWAY)).isBetween(5, 11);
      assertThat(upstream.calls()).isGreaterThan(noticed);
      store().goOn();
      // No caller polled here during the outage: only this instance's link can have noticed it, and
      // it recovers before the others have given up their shares.
      idle.awaitReachable();
      crowds(idle);
      await("it is back", () -> !one.isAlone() && !two.isAlone());
      await("calls are made again", () -> idle.calls() > 5);

      assertNotExceeded();
    }
  }

  @Test
  void where_nobody_says_how_many_instances_there_are_callers_are_told_at_once() {
    try (Instance one = instance()) {
      crowds(one);
      awaitMoreCalls(6);
      store().stop();
      await("it is noticed", one::isAlone);
      Await.pass(Duration.ofMillis(100));
      int noticed = upstream.calls();
      long asked = System.nanoTime();
      assertThat(one.refusal()).isEqualTo(Cause.STATE_UNAVAILABLE);
      assertThat(System.nanoTime() - asked).isLessThan(Instance.TIMEOUT.toNanos());
      Await.pass(Duration.ofSeconds(3));
      assertThat(upstream.calls()).isEqualTo(noticed);
      store().goOn();
      awaitMoreCalls(6);

      assertNotExceeded();
    }
  }

  @Test
  void instance_that_died_takes_its_slots_with_it_for_a_while_only() {
    settle();
    try (Instance one = instance();
        Instance dying = instance()) {
      dying.takeAndDie(5);
      crowds(one);
      int before = upstream.calls();
      Await.pass(Duration.ofSeconds(2));
      assertThat(upstream.calls()).as("all slots are taken").isEqualTo(before);
      await("slots that nobody gave back are free", () -> upstream.calls() > before + 5);

      assertNotExceeded();
    }
  }

  @Test
  void emptied_store_grants_nothing_twice() {
    try (Instance one = instance();
        Instance two = instance()) {
      crowds(one, two);
      awaitMoreCalls(6);
      store().empty();
      awaitMoreCalls(6);

      assertNotExceeded();
    }
  }

  /** An instance that polled only once, long ago, still notices that the queue was lost. */
  @Test
  void emptied_store_grants_nothing_to_one_that_was_idle() {
    try (Instance one = instance();
        Instance idle = instance()) {
      idle.takeOne();
      crowds(one);
      awaitMoreCalls(10);
      one.stopCallers();
      store().empty();
      crowds(idle);
      await("calls are made again", () -> idle.calls() > 5);

      assertNotExceeded();
    }
  }
}

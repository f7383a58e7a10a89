package tokenvending.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.testing.Instance;
import tokenvending.testing.RedisProcess;
import tokenvending.testing.Upstream;

/**
 * Several instances by one real store, which is killed and stopped under them. Whatever happens,
 * the upstream counts no sixth call in any second.
 */
@Tag("I8")
@Execution(ExecutionMode.CONCURRENT)
final class SharedBudgetTest {
  private static final Duration AWAY = Duration.ofSeconds(5);

  @TempDir private Path folder;

  private final Upstream upstream = new Upstream();

  private static void pass(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - until).as(what).isNegative();
      pass(Duration.ofMillis(10));
    }
  }

  private Instance instance(RedisProcess store, Optional<Integer> maxInstances) {
    return new Instance(RedisState.open(store.address(), System::nanoTime), maxInstances, upstream);
  }

  private int during(Duration time) {
    int before = upstream.calls();
    pass(time);
    return upstream.calls() - before;
  }

  @Test
  void three_instances_use_one_budget_and_all_of_it() {
    try (RedisProcess store = RedisProcess.start(folder);
        Instance one = instance(store, Optional.empty());
        Instance two = instance(store, Optional.empty());
        Instance three = instance(store, Optional.empty())) {
      one.crowd(6);
      two.crowd(6);
      three.crowd(6);
      await("a first second is over", () -> upstream.calls() > 5);

      // 25 at most; a slot stands empty for as long as its call is under way.
      int used = 0;
      for (int i = 0; i < 5 && used < 18; i++) {
        used = during(Duration.ofSeconds(5));
      }
      assertThat(used).isBetween(18, 25);
      assertThat(one.calls()).isPositive();
      assertThat(two.calls()).isPositive();
      assertThat(three.calls()).isPositive();
      assertThat(upstream.mostInASecond()).isEqualTo(5);
    }
  }

  @Test
  void store_that_was_killed_and_forgot_everything_grants_nothing_twice() {
    try (RedisProcess store = RedisProcess.start(folder);
        Instance one = instance(store, Optional.empty());
        Instance two = instance(store, Optional.empty())) {
      one.crowd(6);
      two.crowd(6);
      for (int i = 0; i < 3; i++) {
        int seen = upstream.calls();
        await("calls are made", () -> upstream.calls() > seen + 5);
        store.kill();
        store.startAgain();
      }
      int seen = upstream.calls();
      await("calls are made again", () -> upstream.calls() > seen + 5);

      assertThat(upstream.mostInASecond()).isEqualTo(5);
    }
  }

  @Test
  void instance_that_did_not_see_the_store_fail_is_granted_nothing_by_one_that_forgot() {
    try (RedisProcess store = RedisProcess.start(folder);
        Instance one = instance(store, Optional.empty())) {
      one.crowd(6);
      await("calls are made", () -> upstream.calls() > 5);
      store.kill();
      store.startAgain();
      try (Instance late = instance(store, Optional.empty())) {
        late.crowd(6);
        await("calls are made again", () -> late.calls() > 5);
      }

      assertThat(upstream.mostInASecond()).isEqualTo(5);
    }
  }

  @Test
  void while_the_store_stands_still_each_goes_on_with_his_share() {
    try (RedisProcess store = RedisProcess.start(folder);
        Instance one = instance(store, Optional.of(3));
        Instance two = instance(store, Optional.of(3));
        Instance idle = instance(store, Optional.of(3))) {
      one.crowd(6);
      two.crowd(6);
      await("calls are made", () -> upstream.calls() > 10);
      store.stop();
      await("it is noticed", () -> one.isAlone() && two.isAlone());
      int noticed = upstream.calls();
      assertThat(during(Duration.ofMillis(900))).as("in the idle period").isLessThanOrEqualTo(1);
      // Five divided by three, rounded down, for each of the two that have somebody.
      assertThat(during(AWAY)).isBetween(5, 11);
      assertThat(upstream.calls()).isGreaterThan(noticed);
      store.goOn();
      // Nobody asked here while it was away: only the link of this one can have noticed, and it is
      // back before the others have given up their shares.
      idle.awaitReachable();
      idle.crowd(6);
      await("it is back", () -> !one.isAlone() && !two.isAlone());
      await("calls are made again", () -> idle.calls() > 5);

      assertThat(upstream.mostInASecond()).isEqualTo(5);
    }
  }

  @Test
  void where_nobody_says_how_many_instances_there_are_callers_are_told_at_once() {
    try (RedisProcess store = RedisProcess.start(folder);
        Instance one = instance(store, Optional.empty())) {
      one.crowd(6);
      await("calls are made", () -> upstream.calls() > 5);
      store.stop();
      await("it is noticed", one::isAlone);
      pass(Duration.ofMillis(100));
      int noticed = upstream.calls();
      long asked = System.nanoTime();
      assertThat(one.refusal()).isEqualTo(Cause.STATE_AWAY);
      assertThat(System.nanoTime() - asked).isLessThan(Duration.ofMillis(700).toNanos());
      pass(Duration.ofSeconds(3));
      assertThat(upstream.calls()).isEqualTo(noticed);
      store.goOn();
      await("calls are made again", () -> upstream.calls() > noticed + 5);

      assertThat(upstream.mostInASecond()).isEqualTo(5);
    }
  }

  @Test
  void instance_that_died_takes_its_slots_with_it_for_a_while_only() {
    try (RedisProcess store = RedisProcess.start(folder).settled();
        Instance one = instance(store, Optional.empty());
        Instance dying = instance(store, Optional.empty())) {
      dying.takeAndDie(5);
      one.crowd(6);
      int before = upstream.calls();
      pass(Duration.ofSeconds(2));
      assertThat(upstream.calls()).as("all slots are taken").isEqualTo(before);
      await("slots that nobody gave back are free", () -> upstream.calls() > before + 5);

      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void emptied_store_grants_nothing_twice() {
    try (RedisProcess store = RedisProcess.start(folder);
        Instance one = instance(store, Optional.empty());
        Instance two = instance(store, Optional.empty())) {
      one.crowd(6);
      two.crowd(6);
      await("calls are made", () -> upstream.calls() > 5);
      store.say("FLUSHALL");
      int seen = upstream.calls();
      await("calls are made again", () -> upstream.calls() > seen + 5);

      assertThat(upstream.mostInASecond()).isEqualTo(5);
    }
  }

  @Test
  void store_that_forgot_the_scripts_is_told_them_again() {
    try (RedisProcess store = RedisProcess.start(folder);
        Instance one = instance(store, Optional.empty());
        Instance two = instance(store, Optional.empty())) {
      one.crowd(6);
      two.crowd(6);
      await("calls are made", () -> upstream.calls() > 5);
      store.say("SCRIPT FLUSH");
      int seen = upstream.calls();
      await("calls are made again", () -> upstream.calls() > seen + 5);

      assertThat(upstream.mostInASecond()).isEqualTo(5);
    }
  }

  /** The other one has asked once, long ago, and knows all the same that there was a line. */
  @Test
  void emptied_store_grants_nothing_to_one_that_was_idle() {
    try (RedisProcess store = RedisProcess.start(folder);
        Instance one = instance(store, Optional.empty());
        Instance idle = instance(store, Optional.empty())) {
      idle.takeOne();
      one.crowd(6);
      await("calls are made", () -> upstream.calls() > 10);
      one.stopCrowd();
      store.say("FLUSHALL");
      idle.crowd(6);
      await("calls are made again", () -> idle.calls() > 5);

      assertThat(upstream.mostInASecond()).isEqualTo(5);
    }
  }

  @Test
  void instance_that_noticed_an_absence_tells_the_line_even_if_nobody_asked_it_meanwhile() {
    try (RedisProcess store = RedisProcess.start(folder);
        PretendedTime time = new PretendedTime(store, RedisLink.PATIENCE)) {
      await("it is open", () -> time.passAndIsGranted(Duration.ofSeconds(3), "ann"));
      store.stop();
      pass(Duration.ofSeconds(2));
      store.goOn();
      await("it is back", () -> time.line().standing(Instance.TERMS).isPresent());

      // Four slots are free; somebody may have gone on alone.
      assertThat(time.passAndIsGranted(Duration.ZERO, "bob")).isFalse();
      assertThat(time.passAndIsGranted(Duration.ofMillis(2_400), "cyd")).isFalse();
      await("it is open", () -> time.passAndIsGranted(Duration.ofMillis(200), "dan"));
    }
  }
}

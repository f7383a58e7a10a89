package tokenvending.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.aws.DynamoDbLink.Pulse;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.testing.DynamoDbProcess;
import tokenvending.testing.Instance;
import tokenvending.testing.Upstream;

/**
 * Several instances by one table, which is killed and stopped under them. Whatever happens, the
 * upstream counts no sixth call in any second.
 */
@Tag("I8")
final class DynamoDbBudgetTest {
  private static final Duration AWAY = Duration.ofSeconds(5);

  /** DynamoDB Local takes tens of milliseconds for a call, and more on a busy machine. */
  private static final Duration PATIENCE = Duration.ofMillis(800);

  @TempDir private static Path folder;
  private static DynamoDbProcess store;

  /** A line of each test's own. */
  private final String prefix = UUID.randomUUID() + "#";

  private final Upstream upstream = new Upstream();

  @BeforeAll
  static void start() {
    store = DynamoDbProcess.start(folder);
  }

  @AfterAll
  static void end() {
    store.close();
  }

  private static void pass(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long until = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - until).as(what).isNegative();
      pass(Duration.ofMillis(10));
    }
  }

  private Instance instance(Optional<Integer> maxInstances) {
    return new Instance(
        AtLoopback.state(store, prefix, InstantSource.system(), Pulse.YES, PATIENCE),
        maxInstances,
        upstream);
  }

  private int during(Duration time) {
    int before = upstream.calls();
    pass(time);
    return upstream.calls() - before;
  }

  @Test
  void three_instances_use_one_budget() {
    try (Instance one = instance(Optional.empty());
        Instance two = instance(Optional.empty());
        Instance three = instance(Optional.empty())) {
      one.crowd(3);
      two.crowd(3);
      three.crowd(3);
      await("a first second is over", () -> upstream.calls() > 5);

      // How many fewer depends on how fast the table is, which on this machine says nothing.
      assertThat(during(Duration.ofSeconds(5))).isBetween(5, 25);
      await("each makes some", () -> one.calls() > 0 && two.calls() > 0 && three.calls() > 0);
      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void store_that_was_killed_and_forgot_everything_grants_nothing_twice() {
    try (Instance one = instance(Optional.empty());
        Instance two = instance(Optional.empty())) {
      one.crowd(3);
      two.crowd(3);
      for (int i = 0; i < 3; i++) {
        int seen = upstream.calls();
        await("calls are made", () -> upstream.calls() > seen + 5);
        store.kill();
        store.startAgain();
      }
      int seen = upstream.calls();
      await("calls are made again", () -> upstream.calls() > seen + 5);

      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void instance_that_did_not_see_the_store_fail_is_granted_nothing_by_one_that_forgot() {
    try (Instance one = instance(Optional.empty())) {
      one.crowd(3);
      await("calls are made", () -> upstream.calls() > 5);
      store.kill();
      store.startAgain();
      try (Instance late = instance(Optional.empty())) {
        late.crowd(3);
        await("calls are made again", () -> late.calls() > 5);
      }

      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void while_the_store_stands_still_each_goes_on_with_his_share() {
    try (Instance one = instance(Optional.of(3));
        Instance two = instance(Optional.of(3));
        Instance idle = instance(Optional.of(3))) {
      one.crowd(3);
      two.crowd(3);
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
      idle.crowd(3);
      await("it is back", () -> !one.isAlone() && !two.isAlone());
      await("calls are made again", () -> idle.calls() > 5);

      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void where_nobody_says_how_many_instances_there_are_callers_are_told_at_once() {
    try (Instance one = instance(Optional.empty())) {
      one.crowd(3);
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

      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void instance_that_died_takes_its_slots_with_it_for_a_while_only() {
    AtLoopback.openLine(store, prefix);
    try (Instance one = instance(Optional.empty());
        Instance dying = instance(Optional.empty())) {
      dying.takeAndDie(5);
      one.crowd(3);
      int before = upstream.calls();
      pass(Duration.ofSeconds(2));
      assertThat(upstream.calls()).as("all slots are taken").isEqualTo(before);
      await("slots that nobody gave back are free", () -> upstream.calls() > before + 5);

      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void emptied_store_grants_nothing_twice() {
    try (Instance one = instance(Optional.empty());
        Instance two = instance(Optional.empty())) {
      one.crowd(3);
      two.crowd(3);
      await("calls are made", () -> upstream.calls() > 5);
      store.empty();
      int seen = upstream.calls();
      await("calls are made again", () -> upstream.calls() > seen + 5);

      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
    }
  }
}

package tokenvending.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.SslOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.BudgetQueue.AcquireRequest;
import tokenvending.budget.BudgetQueue.Poll;
import tokenvending.budget.BudgetTerms;
import tokenvending.secret.Secret;
import tokenvending.state.SealedEntries;
import tokenvending.testing.Await;
import tokenvending.testing.BudgetQueueContract;
import tokenvending.testing.Instance;
import tokenvending.testing.RedisProcess;
import tokenvending.testing.SharedReuseContract;
import tokenvending.testing.SharedStateContract;

/** The contracts, in a real store. */
final class RedisStateTest extends SharedStateContract {
  @TempDir private static Path folder;
  private static RedisProcess store;

  @BeforeAll
  static void start() {
    store = RedisProcess.start(folder).settled();
    // The first connection of a JVM loads classes, while nothing waits for it yet.
    empty().close();
  }

  @AfterAll
  static void end() {
    store.close();
  }

  private static RedisState open(Secret address, String prefix) {
    return RedisState.open(
        address, prefix, SslOptions.create(), PretendedTime.IN_NO_HURRY, System::nanoTime);
  }

  /** Empty, and reachable. */
  private static RedisState empty() {
    RedisState state = open(store.address(), UUID.randomUUID() + ":");
    Instance.awaitReachable(state);
    return state;
  }

  /** Sleeps to a plan, so that what sleeping takes on top does not add up. */
  private static final class Plan {
    private long next = System.nanoTime();
    private boolean begun;

    void pass(Duration time) {
      if (!begun) {
        next = System.nanoTime();
        begun = true;
      }
      next += time.toNanos();
      Await.pass(Duration.ofNanos(next - System.nanoTime()));
    }
  }

  @Override
  protected Timed timed() {
    PretendedTime pretended = new PretendedTime(store, PretendedTime.IN_NO_HURRY);
    return new Timed(pretended, pretended::pass);
  }

  @Override
  protected Timed timedEntries() {
    return new Timed(empty(), new Plan()::pass);
  }

  @Nested
  final class LostParts {
    private static final BudgetTerms TERMS = BudgetQueueContract.TERMS;

    private final PretendedTime pretended = new PretendedTime(store, PretendedTime.IN_NO_HURRY);

    private Poll asks(String who) {
      BudgetCaller caller = new BudgetCaller(who, false);
      return pretended
          .queue()
          .poll(
              new AcquireRequest(
                  caller, who, Duration.ZERO, Duration.ofSeconds(2), 0, false, TERMS));
    }

    @Test
    @Tag("I8")
    void clock_that_was_set_back_grants_nothing_until_all_is_over_that_was_granted() {
      asks("ann");
      pretended.pass(Duration.ofHours(-1));
      assertThat(asks("cyd")).isNotInstanceOf(Poll.Granted.class);
      pretended.pass(Duration.ofMillis(2_400));
      assertThat(asks("cyd")).isNotInstanceOf(Poll.Granted.class);

      pretended.pass(Duration.ofMillis(200));
      assertThat(asks("cyd")).isInstanceOf(Poll.Granted.class);
    }

    @Test
    @Tag("I8")
    void clock_that_was_set_back_a_little_frees_no_slot_early() {
      asks("ann");
      asks("bob");
      pretended.queue().answered("ann", BudgetQueue.Answer.GIVEN, TERMS);
      pretended.queue().answered("bob", BudgetQueue.Answer.GIVEN, TERMS);
      pretended.pass(Duration.ofMillis(-900));
      assertThat(asks("cyd")).isNotInstanceOf(Poll.Granted.class);
      pretended.pass(Duration.ofMillis(1_800));

      assertThat(asks("cyd")).isNotInstanceOf(Poll.Granted.class);
    }

    /** Three people always request, two wait longer than they have patience. */
    @ParameterizedTest
    @Tag("I8")
    @ValueSource(
        strings = {
          "state",
          "slots",
          "unanswered",
          "line",
          "present",
          "until",
          "absent",
          "places",
          "tickets",
          "waiters",
          "gone"
        })
    void line_that_lost_a_part_grants_nothing_twice_and_goes_on(String part) {
      Deque<Integer> granted = new ArrayDeque<>();
      int after = 0;
      for (int step = 0; step < 170; step++) {
        if (step % 40 == 12) {
          pretended.lose(part);
          after = 0;
        }
        for (String who : List.of("ann", "bob", "cyd", "dan")) {
          String ticket = who + after + step / 5;
          Duration timeout = who.equals("dan") ? Duration.ZERO : Duration.ofSeconds(2);
          AcquireRequest request =
              new AcquireRequest(
                  new BudgetCaller(who, false), ticket, Duration.ZERO, timeout, 0, false, TERMS);
          if (pretended.queue().poll(request) instanceof Poll.Granted) {
            pretended.queue().answered(ticket, BudgetQueue.Answer.GIVEN, TERMS);
            granted.addLast(step);
            after++;
          }
        }
        int now = step;
        granted.removeIf(at -> now - at >= 10);
        assertThat(granted).as("in a second, step %d", step).hasSizeLessThanOrEqualTo(2);
        pretended.pass(Duration.ofMillis(100));
        if (step % 40 == 11 && step > 12) {
          assertThat(granted).as("it is open again").isNotEmpty();
        }
      }
    }

    @AfterEach
    void close() {
      pretended.close();
    }
  }

  @Nested
  final class Reuse extends SharedReuseContract {
    private final String prefix = UUID.randomUUID() + ":";
    private final List<RedisState> instances =
        List.of(open(store.address(), prefix), open(store.address(), prefix));

    @BeforeEach
    void awaitReachable() {
      instances.forEach(Instance::awaitReachable);
    }

    @Override
    protected List<SealedEntries> ways() {
      return instances.stream().map(RedisState::entries).toList();
    }

    @Override
    protected int steps() {
      return 1_000;
    }

    @AfterEach
    void close() {
      instances.forEach(RedisState::close);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://valkey",
        "redis://valkey:6379/1",
        "rediss://ann:hunter2@valkey:6380",
        "redis://:hunter2@127.0.0.1:6379\n",
        "redis://valkey?timeout=50ms",
        "rediss://valkey:6380/1?timeout=1s"
      })
  void address_of_a_store_has_no_problem(String address) {
    assertThat(RedisState.problem(Secret.of(address))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2",
        "http://hunter2",
        "redis://",
        "redis://hunter2 valkey",
        "redis://:hunter2@",
        "redis-sentinel://hunter2",
        "redis://valkey:hunter2",
        "redis://valkey/hunter2",
        "rediss://valkey?verifyPeer=NONE&hunter2",
        "redis://valkey#hunter2",
        "redis://hunter2?timeout=49ms",
        "redis://hunter2?timeout=1001ms",
        "redis://hunter2?timeout=2s",
        "redis://hunter2?timeout=1",
        "redis://hunter2?timeout=500ms&verifyPeer=NONE",
        "redis://hunter2?timeout=500ms&timeout=1s"
      })
  void what_is_no_address_is_told_and_not_repeated(String address) {
    assertThat(RedisState.problem(Secret.of(address)))
        .hasValueSatisfying(
            problem -> assertThat(problem).contains("redis://HOST").doesNotContain("hunter2"));
  }

  @Test
  void interrupted_thread_is_answered_and_stays_interrupted() {
    try (RedisState state = empty()) {
      Thread.currentThread().interrupt();
      var status = state.queue().status(Instance.TERMS);

      assertThat(Thread.interrupted()).isTrue();
      assertThat(status).isPresent();
    }
  }

  @Test
  void opening_does_not_wait_and_what_is_away_says_so_quickly() {
    long before = System.nanoTime();
    try (RedisState nowhere = open(Secret.of("redis://127.0.0.1:1"), "x:")) {
      assertThat(nowhere.queue().status(Instance.TERMS)).isEmpty();
      nowhere.queue().leave("nobody");
      assertThat(nowhere.entries().find("nothing")).isEmpty();
    }

    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before)).isLessThan(30);
  }
}

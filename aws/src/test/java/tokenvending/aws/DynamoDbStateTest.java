package tokenvending.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.aws.DynamoDbLink.Pulse;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetQueue.AcquireRequest;
import tokenvending.budget.BudgetQueue.Poll;
import tokenvending.state.SealedEntries;
import tokenvending.testing.DynamoDbProcess;
import tokenvending.testing.Instance;
import tokenvending.testing.SharedReuseContract;
import tokenvending.testing.SharedStateContract;

/** The contracts, in a real table, by a clock that a test moves. */
final class DynamoDbStateTest extends SharedStateContract {
  @TempDir private static Path folder;

  private static DynamoDbProcess store;

  @BeforeAll
  static void start() {
    store = DynamoDbProcess.start(folder);
    // The first connection of a JVM loads classes, while nothing waits for it yet.
    empty(InstantSource.system()).close();
  }

  @AfterAll
  static void end() {
    store.close();
  }

  /** Empty, reachable, and open at once. */
  private static DynamoDbState empty(InstantSource clock) {
    String prefix = UUID.randomUUID() + "#";
    AtLoopback.openLine(store, prefix);
    DynamoDbState state = AtLoopback.state(store, prefix, clock);
    Instance.awaitReachable(state);
    return state;
  }

  /** A microsecond passes with each look at it, and what a test lets pass. */
  private static final class Ticks implements InstantSource {
    private final AtomicLong micros = new AtomicLong(1_800_000_000_000_000L);

    @Override
    public Instant instant() {
      return Instant.EPOCH.plus(micros.incrementAndGet(), ChronoUnit.MICROS);
    }

    void pass(Duration time) {
      var _ = micros.addAndGet(time.toNanos() / 1_000);
    }
  }

  @Override
  protected Timed timed() {
    Ticks clock = new Ticks();
    return new Timed(empty(clock), clock::pass);
  }

  /** Reads that are not consistent are, here: there is one copy of everything. */
  @Nested
  final class Reuse extends SharedReuseContract {
    private final String prefix = UUID.randomUUID() + "#";
    private final List<DynamoDbState> instances =
        List.of(
            AtLoopback.state(store, prefix, InstantSource.system()),
            AtLoopback.state(store, prefix, InstantSource.system()));

    @Override
    protected List<SealedEntries> ways() {
      return instances.stream().map(DynamoDbState::entries).toList();
    }

    @Override
    protected int steps() {
      return 150;
    }

    @AfterEach
    void close() {
      instances.forEach(DynamoDbState::close);
    }
  }

  @Test
  @Tag("I8")
  void item_that_was_put_back_as_it_had_been_grants_nothing_twice() {
    String prefix = UUID.randomUUID() + "#";
    AtLoopback.openLine(store, prefix);
    Ticks clock = new Ticks();
    try (DynamoDbState state = AtLoopback.state(store, prefix, clock)) {
      for (String who : List.of("ann", "bob", "cyd")) {
        assertThat(asks(state, who)).isInstanceOf(Poll.Granted.class);
      }
      String key = "\"pk\":{\"S\":\"%squeue\"},\"sk\":{\"S\":\"-\"}".formatted(prefix);
      String table = "{\"TableName\":\"" + DynamoDbProcess.TABLE + "\",";
      String copy = store.say("GetItem", table + "\"Key\":{" + key + "}}");
      assertThat(copy).startsWith("{\"Item\":{");
      assertThat(asks(state, "dan")).isInstanceOf(Poll.Granted.class);
      assertThat(asks(state, "eve")).isInstanceOf(Poll.Granted.class);
      var _ = store.say("PutItem", table + copy.substring(1));
      assertThat(asks(state, "fay")).isInstanceOf(Poll.Wait.class);
      clock.pass(Duration.ofSeconds(2));
      assertThat(asks(state, "fay")).isInstanceOf(Poll.Wait.class);

      // Ann's, Bob's and Cyd's calls may still be under way.
      clock.pass(Duration.ofSeconds(1));
      assertThat(asks(state, "fay")).isInstanceOf(Poll.Granted.class);
    }
  }

  private static Poll asks(DynamoDbState state, String who) {
    return state
        .queue()
        .poll(
            new AcquireRequest(
                new BudgetCaller(who, false),
                who,
                Duration.ZERO,
                Duration.ofSeconds(9),
                0,
                false,
                Instance.TERMS));
  }

  @Test
  void interrupted_thread_is_answered_and_stays_interrupted() {
    try (DynamoDbState state = empty(InstantSource.system())) {
      Thread.currentThread().interrupt();
      var status = state.queue().status(Instance.TERMS);

      assertThat(Thread.interrupted()).isTrue();
      assertThat(status).isPresent();
    }
  }

  @Test
  void opening_does_not_wait_and_what_is_away_says_so_quickly() {
    long before = System.nanoTime();
    try (DynamoDbState nowhere =
        DynamoDbState.open(
            AtLoopback.table(URI.create("http://127.0.0.1:1"), InstantSource.system()),
            "",
            InstantSource.system(),
            System::nanoTime,
            Pulse.YES,
            DynamoDbLink.TIMEOUT)) {
      assertThat(nowhere.queue().status(Instance.TERMS)).isEmpty();
      nowhere.queue().leave("nobody");
      assertThat(nowhere.entries().find("nothing")).isEmpty();
    }

    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before)).isLessThan(30);
  }
}

package tokenvending.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.aws.DynamoDbLink.Pulse;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetQueue.AcquireRequest;
import tokenvending.budget.BudgetQueue.Poll;
import tokenvending.limits.Rate;
import tokenvending.limits.RateCounters.Charge;
import tokenvending.limits.RateCounters.Counted;
import tokenvending.testing.DynamoDbProcess;
import tokenvending.testing.Instance;

/** Instances whose clocks do not agree. */
final class ClockTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  @TempDir private static Path folder;
  private static DynamoDbProcess store;

  @BeforeAll
  static void start() {
    store = DynamoDbProcess.start(folder);
  }

  @AfterAll
  static void end() {
    store.close();
  }

  private static DynamoDbState state(String prefix, InstantSource clock) {
    return AtLoopback.state(store, prefix, clock, Pulse.NO, TIMEOUT);
  }

  private static Poll poll(DynamoDbState state, String who) {
    return state
        .queue()
        .poll(
            new AcquireRequest(
                new BudgetCaller(who, false),
                who,
                Duration.ZERO,
                Duration.ofSeconds(2),
                0,
                false,
                Instance.TERMS));
  }

  @ParameterizedTest
  @CsvSource({
    "-1251, -251, true",
    "-1249, -249, false",
    "-300, 20, false",
    "0, 999, false",
    "-100, 5000, false",
    "1200, 1240, false",
    "1260, 1300, true",
    "-5000, -4000, true",
  })
  void clock_is_off_where_no_moment_of_the_call_was_in_the_second_that_is_told(
      long sent, long received, boolean off) {
    // The second begins at zero.
    Instant second = Instant.parse("2026-11-24T15:20:12Z");

    assertThat(
            ClockCheck.isOff(
                "Tue, 24 Nov 2026 15:20:12 GMT",
                second.plusMillis(sent),
                second.plusMillis(received)))
        .isEqualTo(off);
  }

  @Test
  void answer_without_a_time_says_nothing_about_the_clock() {
    assertThat(ClockCheck.isOff("yesterday", Instant.EPOCH, Instant.EPOCH)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {-3, 3})
  @Tag("I8")
  void instance_whose_clock_is_wrong_takes_no_part(long seconds) {
    String prefix = "wrong" + seconds + "#";
    AtLoopback.openLine(store, prefix);
    try (DynamoDbState wrong = state(prefix, AtLoopback.ahead(Duration.ofSeconds(seconds)));
        DynamoDbState right = state(prefix, InstantSource.system())) {
      assertThat(poll(wrong, "ann")).isInstanceOf(Poll.Unavailable.class);
      Charge charge = new Charge("ann", new Rate(1, Duration.ofSeconds(1)));
      assertThat(wrong.counters().count(List.of(charge))).isInstanceOf(Counted.Unavailable.class);
      assertThat(poll(right, "bob")).isInstanceOf(Poll.Granted.class);
    }
  }

  @Test
  @Tag("I8")
  void line_is_closed_by_whoever_reads_what_was_written_in_his_future() {
    AtLoopback.openLine(store, "ahead#");
    Instant now = Instant.parse("2026-11-24T15:20:12Z");
    try (DynamoDbState ahead =
            AtLoopback.state(store, "ahead#", InstantSource.fixed(now.plusMillis(26)));
        DynamoDbState right = AtLoopback.state(store, "ahead#", InstantSource.fixed(now))) {
      assertThat(poll(ahead, "ann")).isInstanceOf(Poll.Granted.class);
      assertThat(poll(right, "bob")).isInstanceOf(Poll.Wait.class);
      assertThat(poll(ahead, "cyd")).isInstanceOf(Poll.Wait.class);
    }
  }

  @Test
  void clocks_that_differ_by_less_than_the_margin_do_not_disturb() {
    AtLoopback.openLine(store, "near#");
    Instant now = Instant.parse("2026-11-24T15:20:12Z");
    try (DynamoDbState ahead =
            AtLoopback.state(store, "near#", InstantSource.fixed(now.plusMillis(24)));
        DynamoDbState right = AtLoopback.state(store, "near#", InstantSource.fixed(now))) {
      assertThat(poll(ahead, "ann")).isInstanceOf(Poll.Granted.class);
      assertThat(poll(right, "bob")).isInstanceOf(Poll.Granted.class);
    }
  }
}

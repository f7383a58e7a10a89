package tokenvending.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.limits.Rate;
import tokenvending.limits.RateCounters;
import tokenvending.limits.RateCounters.Charge;
import tokenvending.limits.RateCounters.Counted;

/** The contract of every {@link RateCounters}. A subclass is a test class. */
@Tag("T6")
public abstract class RateCountersContract {
  /** One for each two seconds, so that a slow machine still counts three at once. */
  private static final Rate TWO_AT_ONCE = new Rate(2, Duration.ofSeconds(4));

  private static final Rate THREE_AN_HOUR = new Rate(3, Duration.ofHours(1));

  /** Returns the counters of this test, which are empty at first. */
  protected abstract RateCounters counters();

  /** Lets time pass for the counters. */
  protected abstract void pass(Duration time);

  private Counted count(String key, Rate rate) {
    return counters().count(List.of(new Charge(key, rate)));
  }

  @Test
  void so_many_at_once_and_no_more() {
    assertThat(count("ann", TWO_AT_ONCE)).isEqualTo(new Counted.Admitted());
    assertThat(count("ann", TWO_AT_ONCE)).isEqualTo(new Counted.Admitted());

    assertThat(count("ann", TWO_AT_ONCE))
        .isInstanceOfSatisfying(
            Counted.Over.class,
            over -> {
              assertThat(over.charge()).isZero();
              assertThat(over.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(2));
            });
  }

  @Test
  void who_waits_as_told_is_admitted() {
    count("ann", TWO_AT_ONCE);
    count("ann", TWO_AT_ONCE);
    if (!(count("ann", TWO_AT_ONCE) instanceof Counted.Over over)) {
      throw new AssertionError("the third was admitted");
    }
    pass(over.retryAfter().plusMillis(5));

    assertThat(count("ann", TWO_AT_ONCE)).isEqualTo(new Counted.Admitted());
    assertThat(count("ann", TWO_AT_ONCE)).isInstanceOf(Counted.Over.class);
  }

  @Test
  void keys_do_not_share() {
    count("ann", THREE_AN_HOUR);
    count("ann", THREE_AN_HOUR);
    count("ann", THREE_AN_HOUR);

    assertThat(count("ann", THREE_AN_HOUR)).isInstanceOf(Counted.Over.class);
    assertThat(count("bob", THREE_AN_HOUR)).isEqualTo(new Counted.Admitted());
  }

  @Test
  void what_is_refused_counts_against_nothing() {
    Charge full = new Charge("full", new Rate(1, Duration.ofHours(1)));
    Charge other = new Charge("other", THREE_AN_HOUR);
    assertThat(counters().count(List.of(full))).isEqualTo(new Counted.Admitted());
    for (int i = 0; i < 10; i++) {
      assertThat(counters().count(List.of(other, full)))
          .isInstanceOfSatisfying(
              Counted.Over.class, over -> assertThat(over.charge()).isEqualTo(1));
      assertThat(counters().count(List.of(full, other)))
          .isInstanceOfSatisfying(Counted.Over.class, over -> assertThat(over.charge()).isZero());
    }

    for (int i = 0; i < 3; i++) {
      assertThat(counters().count(List.of(other))).isEqualTo(new Counted.Admitted());
    }
    assertThat(counters().count(List.of(other))).isInstanceOf(Counted.Over.class);
  }

  @Test
  void of_two_that_are_over_the_longer_wait_is_told() {
    Charge hour = new Charge("hour", new Rate(1, Duration.ofHours(1)));
    Charge minute = new Charge("minute", new Rate(1, Duration.ofMinutes(1)));
    counters().count(List.of(hour, minute));

    assertThat(counters().count(List.of(minute, hour)))
        .isInstanceOfSatisfying(
            Counted.Over.class,
            over -> {
              assertThat(over.charge()).isEqualTo(1);
              assertThat(over.retryAfter()).isGreaterThan(Duration.ofMinutes(59));
            });
  }

  @Test
  void nothing_to_count_is_admitted() {
    assertThat(counters().count(List.of())).isEqualTo(new Counted.Admitted());
  }
}

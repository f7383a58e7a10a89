package tokenvending.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class AdaptiveTimeoutTest {
  private final AdaptiveTimeout timeout = new AdaptiveTimeout(Duration.ofMillis(500));

  private void answers(int count, int millis) {
    for (int i = 0; i < count; i++) {
      timeout.answered(Duration.ofMillis(millis).toNanos());
    }
  }

  @Test
  void store_next_door_has_a_quarter_of_a_second() {
    assertThat(timeout.now()).isEqualTo(Duration.ofMillis(250));
    answers(20, 1);
    assertThat(timeout.now()).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void store_far_away_has_twice_what_its_answers_take() {
    answers(100, 200);
    assertThat(timeout.now()).isBetween(Duration.ofMillis(400), Duration.ofMillis(500));
    assertThat(timeout.usual()).isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void answers_of_many_lengths_have_more_and_none_more_than_the_limit() {
    for (int i = 0; i < 20; i++) {
      answers(1, 10);
      answers(1, 150);
    }
    assertThat(timeout.now()).isBetween(Duration.ofMillis(400), Duration.ofMillis(500));
    timeout.late();
    assertThat(timeout.now()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void late_answer_gives_the_next_one_more_time() {
    answers(20, 1);
    timeout.late();
    assertThat(timeout.now()).isGreaterThan(Duration.ofMillis(250));
    answers(50, 1);
    assertThat(timeout.now()).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void limit_below_the_floor_holds() {
    AdaptiveTimeout hurried = new AdaptiveTimeout(Duration.ofMillis(50));
    assertThat(hurried.now()).isEqualTo(Duration.ofMillis(50));
  }
}

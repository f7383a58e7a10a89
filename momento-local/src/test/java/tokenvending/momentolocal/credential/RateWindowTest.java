package tokenvending.momentolocal.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RateWindowTest {

  private long now = Long.MAX_VALUE - 2_000_000_000L;
  private final RateWindow window = new RateWindow(5, () -> now);

  @Test
  void five_at_once_and_the_sixth_only_after_a_second() {
    for (int i = 0; i < 5; i++) {
      assertThat(window.admit()).isTrue();
    }
    assertThat(window.admit()).isFalse();
    now += 999_999_999;
    assertThat(window.admit()).isFalse();
    now += 1;
    assertThat(window.admit()).isTrue();
  }

  @Test
  void no_second_holds_more_than_five_wherever_it_begins() {
    Random random = new Random(7);
    List<Long> admitted = new ArrayList<>();
    long begin = now;
    for (int i = 0; i < 100_000; i++) {
      // Wraps around on the way, as a nano clock may.
      now += random.nextInt(10_000_000);
      if (window.admit()) {
        admitted.add(now - begin);
      }
    }
    assertThat(admitted).hasSizeGreaterThan(2_000);
    for (int i = 5; i < admitted.size(); i++) {
      assertThat(admitted.get(i) - admitted.get(i - 5)).isGreaterThanOrEqualTo(1_000_000_000L);
    }
  }

  @Test
  void a_refusal_takes_no_place() {
    for (int i = 0; i < 5; i++) {
      assertThat(window.admit()).isTrue();
    }
    for (int i = 0; i < 1_000; i++) {
      assertThat(window.admit()).isFalse();
    }
    now += 1_000_000_000;
    for (int i = 0; i < 5; i++) {
      assertThat(window.admit()).isTrue();
    }
  }
}

package tokenvending.momento.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RehearsalTest {
  @Test
  void it_goes_well_and_is_over_at_once() {
    long before = System.nanoTime();
    Rehearsal.run(System::nanoTime);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMillis(900));
  }
}

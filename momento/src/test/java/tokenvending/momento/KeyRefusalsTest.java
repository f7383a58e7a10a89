package tokenvending.momento;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyRefusalsTest {
  private final AtomicLong now = new AtomicLong();
  private final KeyRefusals refusals = new KeyRefusals(now::get);
  private final MomentoApiKey key = key("raw-key");

  private static MomentoApiKey key(String text) {
    return ((KeyReading.Usable) MomentoTokenIssuerTest.key(text)).key();
  }

  private void pass(int seconds) {
    now.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  @Test
  void refusals_last_from_the_first_on() {
    assertThat(refusals.lasting(key)).isZero();
    refusals.refused(key);
    pass(20);
    refusals.refused(key);
    pass(11);
    assertThat(refusals.lasting(key)).isEqualTo(Duration.ofSeconds(31));
  }

  @Test
  void one_accepted_call_ends_them() {
    refusals.refused(key);
    pass(31);
    refusals.accepted();
    assertThat(refusals.lasting(key)).isZero();
    refusals.refused(key);
    pass(29);
    assertThat(refusals.lasting(key)).isEqualTo(Duration.ofSeconds(29));
  }

  @Test
  void another_key_starts_without_them() {
    refusals.refused(key);
    pass(31);
    MomentoApiKey other = key("other-key");
    assertThat(refusals.lasting(other)).isZero();
    refusals.refused(other);
    assertThat(refusals.lasting(other)).isZero();
  }

  @Test
  void a_minute_without_calls_ends_them_so_that_another_call_can_find_out() {
    refusals.refused(key);
    pass(59);
    assertThat(refusals.lasting(key)).isEqualTo(Duration.ofSeconds(59));
    pass(1);
    assertThat(refusals.lasting(key)).isZero();
    refusals.refused(key);
    pass(1);
    assertThat(refusals.lasting(key)).isEqualTo(Duration.ofSeconds(1));
  }
}

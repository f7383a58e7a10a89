package tokenvending.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.limits.Admission.Admitted;
import tokenvending.testing.FakeSharedState;

/** Limits that several instances share, also for the networks of one home connection. */
@Tag("T6")
final class SharedLimitsTest {
  private static final Optional<Rate> TEN = Optional.of(new Rate(10, Duration.ofMinutes(1)));

  private final AtomicLong nanos = new AtomicLong();
  private final FakeSharedState state = new FakeSharedState(nanos::get);
  private final SharedLimits limits =
      new SharedLimits(
          state.counters(),
          Optional.empty(),
          TEN,
          new RateLimits(Optional.empty(), TEN, nanos::get));

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void home_connection_has_four_times_the_rate_also_while_the_store_is_away(boolean there) {
    if (!there) {
      state.goAway();
    }
    int admitted = 0;
    for (int network = 0; network < 256; network++) {
      admitted += admitted("2001:db8:1:4%02x::1".formatted(network));
    }
    assertThat(admitted).isEqualTo(40);
    assertThat(admitted("2001:db8:1:500::1")).as("another home").isEqualTo(1);
    assertThat(admitted("192.0.2.1")).isEqualTo(1);
  }

  private int admitted(String address) {
    ClientAddress from = ClientAddress.parse(address).orElseThrow();
    return limits.admit(Principal.anonymous(), from) instanceof Admitted ? 1 : 0;
  }
}

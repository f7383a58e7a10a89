package tokenvending.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.PresentedCredential;
import tokenvending.secret.Secret;

/** How many rejected requests a client can cause, and who suffers from it. */
@Tag("T6")
@Tag("T7")
final class RejectionLimitsTest {
  private static final ClientAddress HERE = address("192.0.2.1");
  private static final PresentedCredential NONE = new PresentedCredential.None();

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final RejectionLimits limits =
      new RejectionLimits(new Rate(10, Duration.ofMinutes(1)), nanos::get, new SplittableRandom(1));

  @Test
  void address_has_its_rate_and_then_waits() {
    reject(10, HERE, NONE);
    assertThat(limits.waitFor(HERE, NONE)).isEqualTo(Duration.ofSeconds(6));
    pass(Duration.ofSeconds(6));
    assertThat(limits.waitFor(HERE, NONE)).isZero();
  }

  @Test
  void other_address_is_not_affected() {
    reject(10, HERE, NONE);
    assertThat(limits.waitFor(address("192.0.2.2"), NONE)).isZero();
  }

  @Test
  void networks_of_one_home_connection_share() {
    for (int network = 0; network < 256; network++) {
      ClientAddress from = address("2001:db8:1:4%02x::1".formatted(network));
      if (limits.waitFor(from, NONE).isZero()) {
        limits.rejected(from, NONE);
      }
    }
    assertThat(limits.waitFor(address("2001:db8:1:4ff::1"), NONE)).isPositive();
    assertThat(limits.waitFor(address("2001:db8:1:500::1"), NONE)).isZero();
  }

  @Test
  void flood_without_a_credential_does_not_affect_who_has_one() {
    reject(1_000, HERE, NONE);
    assertThat(limits.waitFor(HERE, token("new"))).isZero();
  }

  @Test
  void flood_of_bad_credentials_does_not_affect_a_known_good_one() {
    limits.authenticated(token("good"));
    limits.authenticated(password("ann", "right"));
    for (int i = 0; i < 1_000; i++) {
      reject(1, HERE, token("bad-" + i));
    }
    assertThat(limits.waitFor(HERE, token("bad-0"))).isPositive();
    assertThat(limits.waitFor(HERE, token("new"))).isPositive();
    assertThat(limits.waitFor(HERE, new PresentedCredential.Unreadable())).isPositive();
    assertThat(limits.waitFor(HERE, password("ann", "wrong"))).isPositive();
    assertThat(limits.waitFor(HERE, token("good"))).isZero();
    assertThat(limits.waitFor(HERE, password("ann", "right"))).isZero();
    assertThat(limits.waitFor(HERE, NONE)).isZero();
  }

  @Test
  void known_credential_is_counted_for_itself_wherever_it_comes_from() {
    limits.authenticated(token("good"));
    reject(10, HERE, token("good"));
    assertThat(limits.waitFor(HERE, token("good"))).isPositive();
    assertThat(limits.waitFor(address("192.0.2.2"), token("good"))).isPositive();
    assertThat(limits.waitFor(HERE, token("other"))).isZero();
  }

  @Test
  void credential_that_is_no_longer_good_is_counted_by_address() {
    limits.authenticated(token("once good"));
    limits.unauthenticated(token("once good"));
    reject(10, HERE, token("once good"));
    assertThat(limits.waitFor(HERE, token("other"))).isPositive();
  }

  @Test
  void credential_is_known_for_an_hour() {
    limits.authenticated(token("good"));
    pass(RejectionLimits.KNOWN_FOR);
    reject(10, HERE, token("bad"));
    assertThat(limits.waitFor(HERE, token("good"))).isPositive();
  }

  @Test
  void known_credentials_are_bounded() {
    limits.authenticated(token("first"));
    for (int i = 0; i < RejectionLimits.MOST_KNOWN; i++) {
      limits.authenticated(token("later-" + i));
    }
    reject(10, HERE, token("bad"));
    assertThat(limits.waitFor(HERE, token("first"))).isPositive();
    assertThat(limits.waitFor(HERE, token("later-0"))).isZero();
  }

  private void reject(int times, ClientAddress from, PresentedCredential credential) {
    for (int i = 0; i < times; i++) {
      limits.rejected(from, credential);
    }
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static PresentedCredential token(String text) {
    return new PresentedCredential.BearerToken(Secret.of(text));
  }

  private static PresentedCredential password(String user, String password) {
    return new PresentedCredential.UserPassword(user, Secret.of(password));
  }

  private static ClientAddress address(String text) {
    return ClientAddress.parse(text).orElseThrow();
  }
}

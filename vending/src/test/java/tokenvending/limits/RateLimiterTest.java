package tokenvending.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;

/** The one meter behind every rate that a process limits by itself. */
@Tag("T6")
final class RateLimiterTest {
  private static final Rate SIX_A_MINUTE = new Rate(6, Duration.ofMinutes(1));
  private static final List<String> A = List.of("a");

  /** Near the wrap of the clock, where a comparison of absolute times would go wrong. */
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);

  private final RateLimiter<String> limiter = new RateLimiter<>(SIX_A_MINUTE, 10, clock::get);

  @Test
  void key_may_use_its_rate_at_once_and_then_one_each_interval() {
    for (int i = 0; i < 6; i++) {
      assertThat(limiter.acquire(A)).isZero();
    }
    assertThat(limiter.acquire(A)).isEqualTo(Duration.ofSeconds(10));
    pass(Duration.ofSeconds(10).minusNanos(1));
    assertThat(limiter.acquire(A)).isEqualTo(Duration.ofNanos(1));
    pass(Duration.ofNanos(1));
    assertThat(limiter.acquire(A)).isZero();
    assertThat(limiter.acquire(A)).isPositive();
    assertThat(limiter.acquire(List.of("b"))).isZero();
  }

  @Test
  void counting_over_the_rate_makes_nobody_wait_longer_than_one_period() {
    for (int i = 0; i < 1000; i++) {
      limiter.count(A);
    }
    assertThat(limiter.waitFor(A)).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void of_several_keys_the_longest_wait_counts_and_a_rejected_one_costs_the_others_nothing() {
    for (int i = 0; i < 6; i++) {
      limiter.count(A);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(limiter.acquire(List.of("b", "a"))).isEqualTo(Duration.ofSeconds(10));
    }
    assertThat(limiter.waitFor(List.of("b"), 5)).as("b is as good as new").isZero();
    assertThat(limiter.acquire(List.of())).as("of no key").isZero();
  }

  @Test
  void spare_is_left_for_others_and_a_fraction_of_it_is_a_fraction_of_an_interval() {
    for (int i = 0; i < 3; i++) {
      limiter.count(A);
    }
    assertThat(limiter.waitFor(A, 2)).isZero();
    assertThat(limiter.waitFor(A, 2.5)).isEqualTo(Duration.ofSeconds(5));
    assertThat(limiter.waitFor(A, 3)).isEqualTo(Duration.ofSeconds(10));
    assertThat(limiter.waitFor(List.of("new"), 5)).isZero();
    assertThat(limiter.waitFor(List.of("new"), 6)).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void refund_takes_back_one_count_and_forgets_a_key_that_is_as_good_as_new() {
    for (int i = 0; i < 6; i++) {
      limiter.count(A);
    }
    limiter.refund(A);
    assertThat(limiter.acquire(A)).isZero();
    assertThat(limiter.acquire(A)).isPositive();
    for (int i = 0; i < 10; i++) {
      limiter.refund(A);
    }
    assertThat(limiter.size()).isZero();
    for (int i = 0; i < 6; i++) {
      assertThat(limiter.acquire(A)).as("no more than the rate").isZero();
    }
    assertThat(limiter.acquire(A)).isPositive();
  }

  @Test
  void wider_ipv6_networks_have_a_wider_rate() {
    RateLimiter<Network> networks =
        RateLimiter.ofNetworks(new Rate(1, Duration.ofMinutes(1)), 1_000, clock::get);
    assertThat(admitted(networks, "2001:db8:1:400::%x", 100)).as("one /64").isEqualTo(1);
    assertThat(admitted(networks, "2001:db8:2:4%02x::1", 100)).as("one /56").isEqualTo(4);
    assertThat(admitted(networks, "2001:db8:3:%02x00::1", 100)).as("one /48").isEqualTo(8);
    assertThat(admitted(networks, "2001:db8:1%02x::1", 100)).as("many /48").isEqualTo(100);
  }

  @Test
  void full_memory_forgets_the_idlest_and_never_a_key_that_is_over_its_rate() {
    for (int i = 0; i < 6; i++) {
      limiter.count(A);
    }
    for (int i = 0; i < 1000; i++) {
      assertThat(limiter.acquire(List.of("key " + i))).isZero();
      assertThat(limiter.acquire(A)).isPositive();
      assertThat(limiter.size()).isLessThanOrEqualTo(10);
    }
  }

  @Test
  void while_every_key_held_is_over_its_rate_a_new_one_waits() {
    RateLimiter<String> small =
        new RateLimiter<>(new Rate(1, Duration.ofMinutes(1)), 10, clock::get);
    for (int i = 0; i < 10; i++) {
      small.count(List.of("key " + i));
    }
    assertThat(small.acquire(A)).isEqualTo(Duration.ofMinutes(1));
    pass(Duration.ofMinutes(1));
    assertThat(small.acquire(A)).isZero();
  }

  private int admitted(RateLimiter<Network> networks, String form, int attempts) {
    int admitted = 0;
    for (int i = 0; i < attempts; i++) {
      ClientAddress from = ClientAddress.parse(form.formatted(i)).orElseThrow();
      admitted += networks.acquire(from.networks()).isZero() ? 1 : 0;
    }
    return admitted;
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }
}

package tokenvending.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.limits.Admission.Admitted;
import tokenvending.limits.Admission.Scope;
import tokenvending.limits.Admission.Throttled;

/** T6: one client cannot take the others' share, and counting does not cost more than it saves. */
class RateLimitsTest {
  private static final Optional<Rate> NONE = Optional.empty();
  private static final ClientAddress HERE = address("192.0.2.1");

  /** Near the wrap of the clock, where a comparison of absolute times would go wrong. */
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);

  @Test
  void caller_may_use_his_rate_at_once_and_then_one_each_interval() {
    RateLimits limits = limits(rate("30/m"), NONE);
    Principal caller = caller("a", "1");
    for (int i = 0; i < 30; i++) {
      assertThat(limits.admit(caller, HERE)).isEqualTo(new Admitted());
    }
    assertThat(limits.admit(caller, HERE))
        .isEqualTo(new Throttled(Scope.CALLER_LIMIT, Duration.ofSeconds(2)));
    pass(Duration.ofSeconds(2).minusNanos(1));
    assertThat(limits.admit(caller, HERE))
        .isEqualTo(new Throttled(Scope.CALLER_LIMIT, Duration.ofNanos(1)));
    pass(Duration.ofNanos(1));
    assertThat(limits.admit(caller, HERE)).isEqualTo(new Admitted());
    assertThat(limits.admit(caller, HERE)).isInstanceOf(Throttled.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1/s", "7/s", "60/m", "1000/h", "7/h"})
  void after_waiting_as_told_there_is_always_a_chance_and_never_more_than_the_rate(String text) {
    RateLimits limits = limits(NONE, rate(text));
    Rate rate = Rate.parse(text).orElseThrow();
    int admitted = 0;
    while (limits.admit(Principal.anonymous(), HERE) instanceof Admitted) {
      admitted++;
    }
    assertThat(admitted).isEqualTo(rate.count());
    Duration waited = Duration.ZERO;
    for (int i = 0; i < rate.count(); i++) {
      if (limits.admit(Principal.anonymous(), HERE) instanceof Throttled(var scope, var wait)) {
        pass(wait);
        waited = waited.plus(wait);
        assertThat(limits.admit(Principal.anonymous(), HERE)).isEqualTo(new Admitted());
      } else {
        throw new AssertionError("admitted without waiting");
      }
    }
    assertThat(waited).isBetween(rate.per(), rate.per().plusNanos(rate.count()));
  }

  @Test
  void callers_of_two_issuers_and_two_addresses_count_apart() {
    RateLimits limits = limits(rate("1/m"), NONE);
    assertThat(limits.admit(caller("a", "bc"), HERE)).isEqualTo(new Admitted());
    assertThat(limits.admit(caller("ab", "c"), HERE)).isEqualTo(new Admitted());
    assertThat(limits.admit(caller("a", "c"), HERE)).isEqualTo(new Admitted());
    assertThat(limits.admit(caller("a", "bc"), address("192.0.2.2"))).isInstanceOf(Throttled.class);
  }

  @Test
  void anonymous_callers_have_no_rate_of_their_own() {
    RateLimits limits = limits(rate("1/h"), NONE);
    for (int i = 0; i < 100; i++) {
      assertThat(limits.admit(Principal.anonymous(), HERE)).isEqualTo(new Admitted());
    }
    assertThat(limits.size()).isZero();
  }

  @Test
  void addresses_of_one_ipv6_network_count_together_and_those_of_the_next_apart() {
    RateLimits limits = limits(NONE, rate("2/m"));
    Principal anybody = Principal.anonymous();
    assertThat(limits.admit(anybody, address("2001:db8:0:1::1"))).isEqualTo(new Admitted());
    assertThat(limits.admit(anybody, address("2001:db8:0:1:ffff::2"))).isEqualTo(new Admitted());
    assertThat(limits.admit(anybody, address("2001:db8:0:1::3"))).isInstanceOf(Throttled.class);
    assertThat(limits.admit(anybody, address("2001:db8:0:2::1"))).isEqualTo(new Admitted());
    assertThat(limits.size()).as("two /64, their /56 and its /48").isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "5, 5", "60, 60"})
  @Tag("T6")
  void home_connection_has_four_times_the_rate_however_many_networks_it_uses(int rate, int each) {
    RateLimits limits = limits(NONE, Optional.of(new Rate(rate, Duration.ofMinutes(1))));
    int admitted = 0;
    for (int round = 0; round < 2 * each; round++) {
      for (int network = 0; network < 256; network++) {
        admitted += admitted(limits, "2001:db8:1:4%02x::1".formatted(network));
      }
    }
    assertThat(admitted).isEqualTo(4 * rate);
    assertThat(admitted(limits, "2001:db8:1:500::1")).as("another home").isEqualTo(1);
  }

  @Test
  @Tag("T6")
  void site_has_eight_times_the_rate_however_many_networks_it_uses() {
    RateLimits limits = limits(NONE, rate("2/m"));
    int admitted = 0;
    for (int network = 0; network < 0x1000; network++) {
      admitted += admitted(limits, "2001:db8:1:%x::1".formatted(network * 0x10));
    }
    assertThat(admitted).isEqualTo(8 * 2);
    assertThat(admitted(limits, "2001:db8:2::1")).as("another site").isEqualTo(1);
    assertThat(admitted(limits, "192.0.2.1")).isEqualTo(1);
  }

  @Test
  void rejected_request_of_one_network_takes_nothing_from_the_wider_ones() {
    RateLimits limits = limits(NONE, rate("1/m"));
    for (int i = 0; i < 100; i++) {
      admitted(limits, "2001:db8:1:400::1");
    }
    assertThat(admitted(limits, "2001:db8:1:401::1")).isEqualTo(1);
    assertThat(admitted(limits, "2001:db8:1:402::1")).isEqualTo(1);
    assertThat(admitted(limits, "2001:db8:1:403::1")).isEqualTo(1);
    assertThat(admitted(limits, "2001:db8:1:404::1")).isZero();
  }

  @Test
  void ipv4_address_inside_ipv6_is_the_ipv4_address() {
    RateLimits limits = limits(NONE, rate("1/m"));
    assertThat(admitted(limits, "192.0.2.1")).isEqualTo(1);
    ClientAddress mapped = ClientAddress.parse("::ffff:192.0.2.1").orElseThrow();
    assertThat(limits.admit(Principal.anonymous(), mapped)).isInstanceOf(Throttled.class);
  }

  private static int admitted(RateLimits limits, String address) {
    return limits.admit(Principal.anonymous(), address(address)) instanceof Admitted ? 1 : 0;
  }

  @Test
  void ipv4_address_and_ipv6_network_with_the_same_bits_count_apart() {
    RateLimits limits = limits(NONE, rate("1/m"));
    assertThat(limits.admit(Principal.anonymous(), address("0.0.0.1"))).isEqualTo(new Admitted());
    assertThat(limits.admit(Principal.anonymous(), address("0:0:0:1::5")))
        .isEqualTo(new Admitted());
  }

  @Test
  void refused_request_counts_against_neither_rate() {
    RateLimits limits = limits(rate("1/m"), rate("2/m"));
    Principal greedy = caller("a", "greedy");
    assertThat(limits.admit(greedy, HERE)).isEqualTo(new Admitted());
    for (int i = 0; i < 100; i++) {
      assertThat(limits.admit(greedy, HERE))
          .isEqualTo(new Throttled(Scope.CALLER_LIMIT, Duration.ofMinutes(1)));
    }
    // His neighbour behind the same address still has the address's second request.
    assertThat(limits.admit(caller("a", "polite"), HERE)).isEqualTo(new Admitted());
    assertThat(limits.admit(caller("a", "third"), HERE))
        .isEqualTo(new Throttled(Scope.ADDRESS_LIMIT, Duration.ofSeconds(30)));
    // And the one whom the address stopped has not used his own.
    assertThat(limits.admit(caller("a", "third"), address("192.0.2.9"))).isEqualTo(new Admitted());
  }

  @Test
  void longer_of_two_waits_is_told() {
    RateLimits limits = limits(rate("1/s"), rate("1/m"));
    limits.admit(caller("a", "1"), HERE);
    assertThat(limits.admit(caller("a", "1"), HERE))
        .isEqualTo(new Throttled(Scope.ADDRESS_LIMIT, Duration.ofMinutes(1)));
  }

  @Test
  void only_the_monotonic_clock_counts() {
    // There is no other clock to step: what the wall clock does cannot be seen from here. A nano
    // clock that stands still frees nothing, one that wraps frees what is due.
    RateLimits limits = limits(NONE, rate("1/h"));
    limits.admit(Principal.anonymous(), HERE);
    assertThat(limits.admit(Principal.anonymous(), HERE))
        .isEqualTo(new Throttled(Scope.ADDRESS_LIMIT, Duration.ofHours(1)));
    pass(Duration.ofHours(1));
    assertThat(clock.get()).isNegative();
    assertThat(limits.admit(Principal.anonymous(), HERE)).isEqualTo(new Admitted());
  }

  @Test
  void full_memory_forgets_the_idlest_and_never_one_that_is_over_its_rate() {
    RateLimits limits = new RateLimits(NONE, rate("2/m"), 10, clock::get);
    Principal anybody = Principal.anonymous();
    ClientAddress over = address("198.51.100.1");
    limits.admit(anybody, over);
    limits.admit(anybody, over);
    for (int i = 0; i < 1000; i++) {
      assertThat(limits.admit(anybody, numbered(i))).isEqualTo(new Admitted());
      assertThat(limits.admit(anybody, over)).isInstanceOf(Throttled.class);
      assertThat(limits.size()).isLessThanOrEqualTo(10);
    }
  }

  @Test
  void while_all_that_are_remembered_are_over_their_rate_a_stranger_waits() {
    RateLimits limits = new RateLimits(NONE, rate("1/m"), 10, clock::get);
    Principal anybody = Principal.anonymous();
    for (int i = 0; i < 10; i++) {
      assertThat(limits.admit(anybody, numbered(i))).isEqualTo(new Admitted());
      pass(Duration.ofSeconds(1));
    }
    assertThat(limits.admit(anybody, numbered(99)))
        .isEqualTo(new Throttled(Scope.ADDRESS_LIMIT, Duration.ofSeconds(50)));
    pass(Duration.ofSeconds(50));
    assertThat(limits.admit(anybody, numbered(99))).isEqualTo(new Admitted());
    assertThat(limits.size()).isLessThanOrEqualTo(10);
  }

  @Test
  void flood_of_addresses_stays_within_the_memory_promised() {
    RateLimits limits = limits(rate("30/m"), rate("60/m"));
    long before = usedHeap();
    for (int i = 0; i < RateLimits.CAPACITY; i++) {
      limits.admit(caller("https://issuer.example.com/", "subject-" + i), numbered(i));
    }
    long bytes = (usedHeap() - before) / (2L * RateLimits.CAPACITY);
    assertThat(limits.size()).isEqualTo(2 * RateLimits.CAPACITY);
    assertThat(bytes).isLessThan(130);
    for (int i = 0; i < 5 * RateLimits.CAPACITY; i++) {
      limits.admit(Principal.anonymous(), numberedSix(RateLimits.CAPACITY + i));
    }
    assertThat(limits.size()).isLessThanOrEqualTo(2 * RateLimits.CAPACITY);
  }

  @Test
  void callers_at_once_get_exactly_the_rate() throws Exception {
    RateLimits limits = limits(rate("100/m"), rate("1000/m"));
    List<Callable<Integer>> tasks =
        Collections.nCopies(
            32,
            () -> {
              int admitted = 0;
              for (int i = 0; i < 200; i++) {
                if (limits.admit(caller("a", "1"), HERE) instanceof Admitted) {
                  admitted++;
                }
              }
              return admitted;
            });
    int admitted = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> task : threads.invokeAll(tasks)) {
        admitted += task.get();
      }
    }
    assertThat(admitted).isEqualTo(100);
  }

  @ParameterizedTest
  @CsvSource({"1/s, 1, PT1S", "30/m, 30, PT1M", "1000000/h, 1000000, PT1H"})
  void rate_is_read(String text, int count, Duration per) {
    assertThat(Rate.parse(text)).contains(new Rate(count, per));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0/s",
        "-1/s",
        "1/d",
        "1/",
        "/s",
        "1 /s",
        "01/s",
        "1000001/s",
        "9999999/s",
        "1/s\n"
      })
  void other_text_is_no_rate(String text) {
    assertThat(Rate.parse(text)).isEmpty();
  }

  @Test
  void rate_of_nothing_does_not_exist() {
    assertThatThrownBy(() -> new Rate(0, Duration.ofMinutes(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Rate(1, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private RateLimits limits(Optional<Rate> perCaller, Optional<Rate> perAddress) {
    return new RateLimits(perCaller, perAddress, clock::get);
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  private static Optional<Rate> rate(String text) {
    return Optional.of(Rate.parse(text).orElseThrow());
  }

  private static Principal caller(String issuer, String subject) {
    return Principal.verified(issuer, subject, Set.of(), Map.of(), Optional.empty());
  }

  private static ClientAddress address(String literal) {
    return new ClientAddress(InetAddress.ofLiteral(literal));
  }

  private static ClientAddress numbered(int number) {
    return bytes(ByteBuffer.allocate(4).putInt(0x0a000000 + number).array());
  }

  private static ClientAddress numberedSix(int number) {
    return bytes(ByteBuffer.allocate(16).putInt(0x20000000 + number).array());
  }

  private static ClientAddress bytes(byte[] address) {
    try {
      return new ClientAddress(InetAddress.getByAddress(address));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least =
          Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return least;
  }
}

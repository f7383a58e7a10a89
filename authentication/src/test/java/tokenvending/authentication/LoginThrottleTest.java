package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.authentication.LoginThrottle.Entered;
import tokenvending.authentication.LoginThrottle.Entry;
import tokenvending.authentication.LoginThrottle.Held;
import tokenvending.authentication.LoginThrottle.Login;
import tokenvending.authentication.LoginThrottle.Standing;
import tokenvending.authentication.LoginThrottle.Ticket;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;
import tokenvending.text.Digest;

@Tag("T7")
final class LoginThrottleTest {
  private final SettableClock clock = new SettableClock();
  private final LoginThrottle throttle = throttle(100_000);

  @Test
  void no_minute_sees_more_than_20_wrong_guesses_at_one_user_however_they_are_spread() {
    List<Long> testedAt = new ArrayList<>();
    Random random = new Random(7);
    for (int tenth = 0; tenth < 6_000; tenth++) {
      for (int i = 0; i < 10; i++) {
        String from = "10." + random.nextInt(250) + "." + random.nextInt(250) + ".1";
        if (enter("ann", from, "guess " + random.nextInt()) instanceof Entered(Ticket ticket)) {
          ticket.wrong();
          testedAt.add(tenth * 100L);
        }
      }
      clock.advance(Duration.ofMillis(100));
    }
    assertThat(mostInAMinute(testedAt)).isBetween(15, LoginThrottle.GUESSES_PER_MINUTE);
  }

  @Test
  void one_network_tests_at_most_20_guesses_a_minute_whatever_users_it_names() {
    List<Long> testedAt = new ArrayList<>();
    for (int tenth = 0; tenth < 1_800; tenth++) {
      if (enter("user " + tenth, "192.0.2.1", "guess") instanceof Entered(Ticket ticket)) {
        ticket.wrong();
        testedAt.add(tenth * 100L);
      }
      clock.advance(Duration.ofMillis(100));
    }
    assertThat(mostInAMinute(testedAt)).isBetween(15, LoginThrottle.GUESSES_PER_MINUTE);
  }

  @Test
  void ipv6_networks_of_one_site_share_a_budget() {
    int tested = 0;
    for (int i = 0; i < 4_000; i++) {
      String from = "2001:db8:1:%x::1".formatted(i);
      if (enter("user " + i, from, "guess") instanceof Entered(Ticket ticket)) {
        ticket.wrong();
        tested++;
      }
    }
    assertThat(tested)
        .isEqualTo(8 * login("ann", "2001:db8:1::1", "guess").networks().getLast().share());
    assertThat(enter("ann", "2001:db8:2::1", "right")).isInstanceOf(Entered.class);
  }

  @Test
  void right_guess_costs_nothing() {
    for (int i = 0; i < 1_000; i++) {
      entered("ann", "192.0.2.1", "right").right();
    }
    assertThat(entered("ann", "192.0.2.1", "right").standing())
        .isEqualTo(Standing.SIGNED_IN_BEFORE);
  }

  @Test
  void guess_that_was_not_judged_costs_nothing() {
    for (int i = 0; i < 1_000; i++) {
      entered("ann", "192.0.2.1", "guess " + i).release();
    }
  }

  @Test
  void attempts_count_before_they_are_judged() {
    List<Ticket> pending = new ArrayList<>();
    while (enter("ann", "192.0.2." + pending.size(), "guess " + pending.size())
        instanceof Entered(Ticket ticket)) {
      pending.add(ticket);
    }
    assertThat(pending).hasSizeBetween(6, 8);
  }

  @Test
  void caller_who_mistyped_keeps_several_tries() {
    for (int i = 0; i < 5; i++) {
      entered("ann", "192.0.2.1", "guess " + i).wrong();
    }
    Held held = (Held) enter("ann", "192.0.2.1", "right");
    assertThat(held.retryAfter()).isLessThanOrEqualTo(Duration.ofSeconds(6));
    clock.advance(held.retryAfter());
    entered("ann", "192.0.2.1", "right").right();
  }

  @Test
  void polling_before_the_given_time_gains_nothing_and_costs_nothing() {
    drain("ann");
    Held held = (Held) enter("ann", "198.51.100.1", "right");
    Duration waited = Duration.ZERO;
    while (enter("ann", "198.51.100.1", "right") instanceof Held) {
      clock.advance(Duration.ofMillis(10));
      waited = waited.plusMillis(10);
    }
    assertThat(waited).isEqualTo(held.retryAfter()).isLessThanOrEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void those_who_guess_leave_a_reserve_to_others() {
    for (int minute = 0; minute < 5; minute++) {
      for (int guess = 0; guess < 100; guess++) {
        if (enter("ann", "192.0.2.1", "guess " + minute + guess) instanceof Entered(Ticket t)) {
          t.wrong();
        }
      }
      for (int i = 0; i < LoginThrottle.RESERVE - 1; i++) {
        entered("ann", "198.51." + minute + "." + i, "right").release();
      }
      clock.advance(Duration.ofMinutes(1));
    }
  }

  @Test
  void network_that_the_user_signed_in_from_goes_first() {
    entered("ann", "198.51.100.1", "right").right();
    drain("ann");
    assertThat(enter("ann", "203.0.113.1", "right")).isInstanceOf(Held.class);
    clock.advance(Duration.ofSeconds(4));
    assertThat(entered("ann", "198.51.100.1", "right").standing())
        .isEqualTo(Standing.SIGNED_IN_BEFORE);
    // For that user only.
    assertThat(entered("bob", "198.51.100.1", "right").standing()).isEqualTo(Standing.NEW);
  }

  @Test
  void five_failed_attempts_or_a_day_end_that() {
    entered("ann", "198.51.100.1", "right").right();
    for (int i = 0; i < 5; i++) {
      entered("ann", "198.51.100.1", "guess " + i).wrong();
    }
    assertThat(throttle.signedInBefore(login("ann", "198.51.100.1", "right"))).isFalse();
    entered("ann", "198.51.100.2", "right").right();
    clock.advance(LoginThrottle.SIGNED_IN);
    assertThat(throttle.signedInBefore(login("ann", "198.51.100.2", "right"))).isFalse();
  }

  @Test
  void network_is_new_for_15_seconds_after_its_first_failure_and_again_after_a_day() {
    entered("ann", "192.0.2.1", "guess").wrong();
    assertThat(standingOf("192.0.2.1", "other")).isEqualTo(Standing.NEW);
    clock.advance(LoginThrottle.NEW);
    assertThat(standingOf("192.0.2.1", "other")).isEqualTo(Standing.SEEN);
    entered("ann", "192.0.2.1", "other").wrong();
    assertThat(standingOf("192.0.2.1", "third")).isEqualTo(Standing.GUESSING);
    clock.advance(LoginThrottle.FORGOTTEN);
    assertThat(standingOf("192.0.2.1", "third")).isEqualTo(Standing.NEW);
  }

  @Test
  void where_many_networks_of_a_neighborhood_fail_none_counts_as_new() {
    for (int i = 0; i < 16; i++) {
      entered("user " + i, "192.0.2." + i, "guess").wrong();
      entered("user " + i, "2001:db8:1:%x::1".formatted(i), "guess").wrong();
    }
    assertThat(standingOf("192.0.99.1", "right")).isEqualTo(Standing.SEEN);
    assertThat(standingOf("192.1.2.1", "right")).isEqualTo(Standing.NEW);
    assertThat(standingOf("2001:db8:1:ffff::1", "right")).isEqualTo(Standing.SEEN);
    assertThat(standingOf("2001:db8:2::1", "right")).isEqualTo(Standing.NEW);
    clock.advance(Duration.ofHours(1));
    assertThat(standingOf("192.0.99.1", "right")).isEqualTo(Standing.NEW);
  }

  @Test
  void memory_is_bounded() {
    LoginThrottle small = throttle(100);
    for (int i = 0; i < 1_000; i++) {
      String from = "10." + i % 250 + "." + i / 250 + ".1";
      if (small.enter(login("name " + i, from, "guess")) instanceof Entered(Ticket ticket)) {
        ticket.wrong();
      }
      if (small.enter(login("right " + i, from, "right")) instanceof Entered(Ticket ticket)) {
        ticket.right();
      }
    }
    assertThat(small.size()).isLessThanOrEqualTo(500);
  }

  @Test
  void right_guesses_leave_no_counts_behind() {
    for (int i = 0; i < 50; i++) {
      entered("user " + i, "192.0.2.1", "right").release();
    }
    assertThat(throttle.size()).isLessThanOrEqualTo(1);
  }

  /** Uses up what a new caller could have. */
  private void drain(String user) {
    for (int i = 0; i < 20; i++) {
      if (enter(user, "10." + i + ".0.1", "guess " + i) instanceof Entered(Ticket ticket)) {
        ticket.wrong();
      }
    }
  }

  private Standing standingOf(String from, String guess) {
    Ticket ticket = entered("somebody else", from, guess);
    ticket.release();
    return ticket.standing();
  }

  private Ticket entered(String user, String from, String guess) {
    Entry entry = enter(user, from, guess);
    assertThat(entry).isInstanceOf(Entered.class);
    return ((Entered) entry).ticket();
  }

  private Entry enter(String user, String from, String guess) {
    return throttle.enter(login(user, from, guess));
  }

  private Login login(String user, String from, String guess) {
    List<Network> networks = new ClientAddress(InetAddress.ofLiteral(from)).networks();
    return new Login(
        networks,
        Digest.of("user", user),
        Digest.of("both", user, networks.getFirst().text()),
        Digest.of("guess", user, guess));
  }

  private LoginThrottle throttle(int mostKeys) {
    return new LoginThrottle(clock.nanoClock(), new Random(1), mostKeys);
  }

  static int mostInAMinute(List<Long> millis) {
    int most = 0;
    for (long start : millis) {
      long count = millis.stream().filter(at -> at >= start && at < start + 60_000).count();
      most = Math.max(most, (int) count);
    }
    return most;
  }
}

package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tokenvending.authentication.Users.User;
import tokenvending.identity.Attempt;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.LoginThrottled;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.PresentedCredential.UserPassword;
import tokenvending.secret.Secret;

/** Whole attacks by a settable clock: what the attacker tests, and how long a user waits. */
@Tag("T7")
final class LoginAttackTest {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final Argon2Hash.Cost CHEAP = new Argon2Hash.Cost(64, 1, 1, 32);

  private final SettableClock clock = new SettableClock();
  private final long start = clock.nanoClock().getAsLong();
  private final SecureRandom random = new SecureRandom();
  private final Users users =
      Users.of(
          Map.of("ann", new User(Argon2Hash.of(Secret.of("right"), random, CHEAP), Set.of("a"))));
  // What was hashed for ann and was not her password, in milliseconds.
  private final List<Long> tested = new ArrayList<>();
  private int guesses;

  /** One request of the attacker each so often. */
  private static final class Attack {
    private final IntFunction<String> addresses;
    private final long everyMicros;
    private final boolean repeats;
    private long sentUntilMicros;
    private int sent;

    Attack(IntFunction<String> addresses, int perSecond, boolean repeats) {
      this.addresses = addresses;
      this.everyMicros = 1_000_000L / perSecond;
      this.repeats = repeats;
    }
  }

  private final PasswordAuthenticator passwords = restarted();

  private PasswordAuthenticator restarted() {
    return new PasswordAuthenticator(
        () -> Optional.of(users),
        clock.nanoClock(),
        random,
        2,
        (hash, password) -> {
          boolean right = password.reveal().equals("right");
          if (!right) {
            tested.add(millis());
          }
          return right;
        });
  }

  @ParameterizedTest
  @CsvSource({"1,0", "10,0", "100,0", "1000,0", "1,300", "10,300", "100,300", "1000,300"})
  void attacker_with_one_address_keeps_nobody_out(int perSecond, int userComesAt) {
    Attack attack = new Attack(_ -> "192.0.2.66", perSecond, false);
    run(attack, Duration.ofSeconds(userComesAt));
    assertThat(waitOfUser(attack, "198.51.100.7", 0)).isLessThanOrEqualTo(LONGEST_WAIT);
    run(attack, Duration.ofSeconds(75));
    assertTestedRarely();
  }

  @Test
  void one_wrong_guess_a_minute_keeps_nobody_out() {
    Attack attack = new Attack(_ -> "192.0.2.66", 1, false);
    for (int minute = 0; minute < 120; minute++) {
      clock.advance(Duration.ofSeconds(59));
      attack.sentUntilMicros = micros();
      run(attack, Duration.ofSeconds(1));
      assertThat(waitOfUser(attack, "198.%d.100.7".formatted(minute), 0)).isZero();
    }
  }

  /** From 1 s to 10 min for one round; the user comes when each address has been seen. */
  @ParameterizedTest
  @CsvSource({"1000", "300", "100", "17", "5"})
  void attacker_with_a_thousand_addresses_keeps_nobody_out(int perSecond) {
    Attack attack = new Attack(LoginAttackTest::anywhere, perSecond, false);
    run(attack, Duration.ofSeconds(1000 / perSecond + 20));
    for (int i = 0; i < 20; i++) {
      assertThat(waitOfUser(attack, "%d.51.100.7".formatted(200 + i), 0))
          .isLessThanOrEqualTo(LONGEST_WAIT);
      run(attack, Duration.ofMillis(1_700));
    }
    assertTestedRarely();
  }

  @ParameterizedTest
  @CsvSource({"1000", "100", "17"})
  void attacker_whose_thousand_addresses_repeat_their_guess_until_it_is_tested_keeps_nobody_out(
      int perSecond) {
    Attack attack = new Attack(LoginAttackTest::anywhere, perSecond, true);
    run(attack, Duration.ofSeconds(1000 / perSecond + 20));
    for (int i = 0; i < 20; i++) {
      assertThat(waitOfUser(attack, "%d.51.100.7".formatted(200 + i), 0))
          .isLessThanOrEqualTo(LONGEST_WAIT);
      run(attack, Duration.ofMillis(1_700));
    }
    assertTestedRarely();
  }

  /** Nothing is remembered and the attack goes on; its addresses are those of a few providers. */
  @ParameterizedTest
  @CsvSource({
    "1000,1", "1000,3", "1000,10", "100,1", "100,3", "100,10", "100,30", "17,1", "17,10", "17,45"
  })
  void thousand_addresses_of_four_networks_keep_nobody_out_after_a_restart(
      int perSecond, int userComesAt) {
    Attack attack =
        new Attack(i -> "10.%d.%d.9".formatted(i % 1000 / 250, i % 250), perSecond, false);
    run(attack, Duration.ofSeconds(userComesAt));
    assertThat(waitOfUser(attack, "198.51.100.7", 0)).isLessThanOrEqualTo(LONGEST_WAIT);
    run(attack, Duration.ofSeconds(75));
    assertTestedRarely();
  }

  @ParameterizedTest
  @CsvSource({"1000,1", "1000,10", "100,1", "100,10", "17,10"})
  void thousand_ipv6_networks_of_four_sites_keep_nobody_out_after_a_restart(
      int perSecond, int userComesAt) {
    Attack attack =
        new Attack(i -> "2001:db8:%x:%x::9".formatted(i % 1000 / 250, i % 250), perSecond, false);
    run(attack, Duration.ofSeconds(userComesAt));
    assertThat(waitOfUser(attack, "2001:db8:1234::7", 0)).isLessThanOrEqualTo(LONGEST_WAIT);
    run(attack, Duration.ofSeconds(75));
    assertTestedRarely();
  }

  /** After a restart a thousand unrelated addresses are like the user's until they are used up. */
  @ParameterizedTest
  @CsvSource({"1000,2", "1000,4", "1000,30", "300,20", "300,60", "100,30", "100,60"})
  void thousand_unrelated_addresses_delay_a_user_only_until_each_was_used(
      int perSecond, int userComesAt) {
    Attack attack = new Attack(LoginAttackTest::anywhere, perSecond, false);
    run(attack, Duration.ofSeconds(userComesAt));
    assertThat(waitOfUser(attack, "198.51.100.7", 0)).isLessThanOrEqualTo(LONGEST_WAIT);
    run(attack, Duration.ofSeconds(75));
    assertTestedRarely();
  }

  @ParameterizedTest
  @CsvSource({"1000", "100", "10", "1"})
  void addresses_that_were_never_used_do_not_delay_a_user_who_signed_in_before(int perSecond) {
    assertThat(signIn("ann", "right", "198.51.100.7")).isInstanceOf(Authenticated.class);
    IntFunction<String> unused = i -> "%d.%d.%d.9".formatted(1 + i % 223, i / 223 % 256, i % 256);
    Attack attack = new Attack(unused, perSecond, false);
    for (int i = 0; i < 2; i++) {
      // Longer than a right password is remembered.
      run(attack, Duration.ofMillis(61_700));
      assertThat(waitOfUser(attack, "198.51.100.7", 0)).isZero();
    }
    assertTestedRarely();
  }

  @Test
  void user_who_retries_every_half_second_is_let_in_as_soon_as_one_who_waits_as_asked() {
    Attack attack = new Attack(LoginAttackTest::anywhere, 300, false);
    run(attack, Duration.ofSeconds(60));
    assertThat(waitOfUser(attack, "198.51.100.7", 500)).isLessThanOrEqualTo(LONGEST_WAIT);
  }

  @Test
  void user_who_mistypes_once_is_let_in_too() {
    Attack attack = new Attack(LoginAttackTest::anywhere, 300, false);
    run(attack, Duration.ofSeconds(60));
    signIn("ann", "rihgt", "198.51.100.7");
    assertThat(waitOfUser(attack, "198.51.100.7", 0)).isLessThanOrEqualTo(LONGEST_WAIT);
  }

  @Test
  void attack_on_many_names_does_not_keep_a_user_out() {
    Random names = new Random(3);
    Attack attack = new Attack(LoginAttackTest::anywhere, 200, false);
    for (int i = 0; i < 10_000; i++) {
      signIn("name " + names.nextInt(), "guess", attack.addresses.apply(i));
      clock.advance(Duration.ofMillis(5));
    }
    assertThat(waitOfUser(attack, "198.51.100.7", 0)).isZero();
  }

  @Test
  void unknown_user_is_treated_alike() {
    List<String> known = answers("ann", new Random(5));
    List<String> unknown = answers("nobody", new Random(5));
    assertThat(unknown).isEqualTo(known);
  }

  private List<String> answers(String name, Random attacker) {
    PasswordAuthenticator fresh = restarted();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String from = "10." + attacker.nextInt(5) + ".0.1";
      AuthenticationResult result =
          fresh
              .authenticate(new UserPassword(name, Secret.of("guess " + i)), from(from))
              .orElseThrow();
      answers.add(result.getClass().getSimpleName());
      clock.advance(Duration.ofMillis(2_500));
    }
    return answers;
  }

  /** How long the user needs with the right password, whatever the attacker does meanwhile. */
  private Duration waitOfUser(Attack attack, String from, long everyMillis) {
    Duration waited = Duration.ZERO;
    while (waited.compareTo(Duration.ofMinutes(2)) < 0) {
      switch (signIn("ann", "right", from)) {
        case Authenticated _ -> {
          return waited;
        }
        case LoginThrottled(Duration retryAfter) -> {
          Duration pause = everyMillis > 0 ? Duration.ofMillis(everyMillis) : retryAfter;
          run(attack, pause);
          waited = waited.plus(pause);
        }
        default -> throw new AssertionError("the password is right");
      }
    }
    return waited;
  }

  private void run(Attack attack, Duration time) {
    long end = micros() + time.toNanos() / 1000;
    while (attack.sentUntilMicros + attack.everyMicros <= end) {
      attack.sentUntilMicros += attack.everyMicros;
      clock.advance(Duration.ofNanos((attack.sentUntilMicros - micros()) * 1000));
      int number = attack.repeats ? attack.sent % 1000 : guesses++;
      signIn("ann", "guess " + number, attack.addresses.apply(attack.sent++));
    }
    clock.advance(Duration.ofNanos((end - micros()) * 1000));
  }

  private void assertTestedRarely() {
    assertThat(LoginThrottleTest.mostInAMinute(tested)).isBetween(1, 20);
  }

  private AuthenticationResult signIn(String name, String password, String from) {
    return passwords
        .authenticate(new UserPassword(name, Secret.of(password)), from(from))
        .orElseThrow();
  }

  /** A thousand addresses, no two in one IPv4 /16. */
  private static String anywhere(int i) {
    int mixed = i % 1000 * 61 + 1000;
    return "%d.%d.7.7".formatted(1 + mixed / 256 % 190, mixed % 256);
  }

  private static Attempt from(String address) {
    return new Attempt("request", new ClientAddress(InetAddress.ofLiteral(address)), Instant.EPOCH);
  }

  private long micros() {
    return (clock.nanoClock().getAsLong() - start) / 1000;
  }

  private long millis() {
    return micros() / 1000;
  }
}

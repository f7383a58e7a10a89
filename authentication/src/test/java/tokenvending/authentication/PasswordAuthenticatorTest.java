package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.authentication.Users.User;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.LoginThrottled;
import tokenvending.identity.AuthenticationResult.Reason;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.AuthenticationResult.Undecidable;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.PresentedCredential.UserPassword;
import tokenvending.identity.Principal;
import tokenvending.secret.Secret;

final class PasswordAuthenticatorTest {
  private static final Argon2Hash.Cost CHEAP = new Argon2Hash.Cost(64, 1, 1, 32);
  private static final Argon2Hash.Cost DEARER = new Argon2Hash.Cost(128, 1, 1, 32);
  private static final Unauthenticated WRONG =
      new Unauthenticated(
          Reason.WRONG_PASSWORD, List.of("Basic realm=\"token-vending\", charset=\"UTF-8\""));

  private final SettableClock clock = new SettableClock();
  private final SecureRandom random = new SecureRandom();
  private final AtomicReference<Optional<Users>> users =
      new AtomicReference<>(
          Optional.of(
              Users.of(
                  Map.of(
                      "ann", new User(hash("right"), Set.of("moderators")),
                      "bob", new User(hash("b"), Set.of())))));
  private final List<Argon2Hash> hashed = java.util.Collections.synchronizedList(new ArrayList<>());
  private final PasswordAuthenticator passwords = authenticator(2);

  @Test
  void right_password_is_accepted() {
    Principal principal = accepted(signIn("ann", "right"));
    assertThat(principal.issuer()).isEqualTo("password");
    assertThat(principal.subject()).contains("ann");
    assertThat(principal.groups()).containsExactly("moderators");
    assertThat(principal.sessionEnd()).isEmpty();
  }

  @Test
  void wrong_password_is_refused() {
    assertThat(signIn("ann", "wrong")).isEqualTo(WRONG);
    assertThat(signIn("ann", "b")).isEqualTo(WRONG);
    assertThat(signIn("Ann", "right")).isEqualTo(WRONG);
  }

  @Test
  void wrong_password_does_not_fall_through_to_open() {
    Authentication ways = new Authentication(List.of(passwords, new OpenAuthenticator()));
    assertThat(ways.authenticate(credential("ann", "wrong"), from("192.0.2.1"))).isEqualTo(WRONG);
  }

  @Test
  void caller_without_credential_is_told_the_scheme() {
    assertThat(passwords.challenges())
        .containsExactly("Basic realm=\"token-vending\", charset=\"UTF-8\"");
    assertThat(passwords.authenticate(new PresentedCredential.None(), from("192.0.2.1"))).isEmpty();
    assertThat(passwords.authenticate(new PresentedCredential.Unreadable(), from("192.0.2.1")))
        .isEmpty();
  }

  @Test
  @Tag("T24")
  void T24_unknown_user_costs_one_hash_like_a_wrong_password_and_reads_the_same() {
    AuthenticationResult known = signIn("ann", "wrong");
    assertThat(hashed).hasSize(1);
    AuthenticationResult unknown = signIn("nobody", "wrong");
    assertThat(hashed).hasSize(2);
    assertThat(unknown).isEqualTo(known);
    assertThat(hashed.get(1).cost()).isEqualTo(hashed.get(0).cost());
  }

  @Test
  @Tag("T24")
  void T24_unknown_user_is_checked_at_the_cost_that_the_users_have() {
    users.set(Optional.of(Users.of(Map.of("ann", new User(hash("right", DEARER), Set.of())))));
    signIn("nobody", "wrong");
    assertThat(hashed.getFirst().cost()).isEqualTo(DEARER);
  }

  @Test
  @Tag("T24")
  void T24_unknown_name_keeps_its_cost_where_users_differ() {
    users.set(
        Optional.of(
            Users.of(
                Map.of(
                    "ann", new User(hash("right", DEARER), Set.of()),
                    "bob", new User(hash("b"), Set.of())))));
    Set<Argon2Hash.Cost> seen = new java.util.HashSet<>();
    for (int name = 0; name < 40; name++) {
      hashed.clear();
      for (int i = 0; i < 2; i++) {
        passwords.authenticate(
            credential("nobody" + name, "wrong " + i), from("192.0.2." + (name + 1)));
      }
      assertThat(hashed).hasSize(2);
      assertThat(hashed.get(0).cost()).isEqualTo(hashed.get(1).cost());
      seen.add(hashed.get(0).cost());
    }
    assertThat(seen).containsExactlyInAnyOrder(CHEAP, DEARER);
  }

  @Test
  @Tag("T7")
  void T7_unknown_user_is_slowed_down_like_a_known_one() {
    for (String name : List.of("ann", "nobody")) {
      for (int i = 0; i < 6; i++) {
        assertThat(signIn(name, "guess " + i, "198.51." + i + ".1")).isEqualTo(WRONG);
      }
      AuthenticationResult next = signIn(name, "guess", "203.0.113.200");
      assertThat(next).isInstanceOf(LoginThrottled.class);
      assertThat(((LoginThrottled) next).retryAfter())
          .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(7));
    }
  }

  @Test
  @Tag("T7")
  void T7_fifteenth_wrong_attempt_of_an_address_is_too_fast_and_costs_no_hash() {
    for (int i = 0; i < 14; i++) {
      signIn("user " + i, "guess");
    }
    int before = hashed.size();
    AuthenticationResult fifteenth = signIn("user 15", "guess");
    assertThat(fifteenth).isInstanceOf(LoginThrottled.class);
    assertThat(((LoginThrottled) fifteenth).retryAfter())
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(60));
    assertThat(hashed).hasSize(before).hasSizeLessThan(14);
  }

  @Test
  @Tag("T7")
  void T7_right_password_is_not_looked_at_while_guessing_too_fast() {
    fiveWrong("ann", "192.0.2.1");
    assertThat(signIn("ann", "right")).isInstanceOf(LoginThrottled.class);
    clock.advance(Duration.ofSeconds(6));
    accepted(signIn("ann", "right"));
  }

  @Test
  @Tag("T7")
  void T7_remembered_password_cannot_be_guessed_at_full_speed() {
    accepted(signIn("ann", "right", "198.51.100.1"));
    fiveWrong("ann", "192.0.2.1");
    assertThat(signIn("ann", "right", "192.0.2.1")).isInstanceOf(LoginThrottled.class);
  }

  @Test
  @Tag("T7")
  void T7_own_success_does_not_buy_new_guesses() {
    for (int i = 0; i < 5; i++) {
      assertThat(signIn("ann", "guess " + i)).isEqualTo(WRONG);
      if (i < 3) {
        accepted(signIn("bob", "b"));
      }
    }
    assertThat(signIn("ann", "guess")).isInstanceOf(LoginThrottled.class);
  }

  @Test
  @Tag("T7")
  void T7_address_that_signed_in_recently_is_served_from_memory_during_an_attack() {
    accepted(signIn("ann", "right", "198.51.100.1"));
    for (int i = 0; i < 10; i++) {
      signIn("ann", "guess " + i, "10." + i + ".0.1");
    }
    assertThat(signIn("ann", "right", "203.0.113.100")).isInstanceOf(LoginThrottled.class);
    accepted(signIn("ann", "right", "198.51.100.1"));
    clock.advance(PasswordAuthenticator.REMEMBERED);
    accepted(signIn("ann", "right", "198.51.100.1"));
  }

  @Test
  @Tag("T7")
  void T7_address_that_signed_in_recently_is_still_slowed_down_itself() {
    accepted(signIn("ann", "right"));
    for (int i = 0; i < 30; i++) {
      signIn("ann", "guess " + i);
    }
    assertThat(signIn("ann", "right")).isInstanceOf(LoginThrottled.class);
    assertThat(hashed).hasSizeLessThanOrEqualTo(1 + 8);
  }

  @Test
  @Tag("T7")
  void T7_addresses_of_one_ipv6_network_count_as_one() {
    for (int i = 0; i < 8; i++) {
      signIn("user " + i, "guess", "2001:db8:1:2::" + (i + 1));
    }
    assertThat(signIn("ann", "right", "2001:db8:1:2:ffff::1")).isInstanceOf(LoginThrottled.class);
    accepted(signIn("ann", "right", "2001:db8:1:3::1"));
  }

  @Test
  @Tag("T7")
  void T7_guesses_at_the_same_time_are_counted_before_they_are_judged() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    PasswordAuthenticator many = authenticator(64);
    List<AuthenticationResult> results =
        together(
            50,
            i -> {
              go.await();
              return many.authenticate(credential("ann", "guess " + i), from("192.0.2.1"))
                  .orElseThrow();
            },
            go);
    assertThat(results).noneMatch(Authenticated.class::isInstance);
    assertThat(hashed).hasSizeLessThanOrEqualTo(10);
  }

  @Test
  void many_requests_with_one_credential_cost_one_hash() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<AuthenticationResult> results =
        together(
            50,
            i -> {
              go.await();
              return passwords
                  .authenticate(credential("ann", "right"), from("192.0.2.1"))
                  .orElseThrow();
            },
            go);
    assertThat(results).hasSize(50).allMatch(Authenticated.class::isInstance);
    assertThat(hashed).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  @Tag("T7")
  void T7_no_more_passwords_are_hashed_at_a_time_than_there_are_cores() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    PasswordAuthenticator counted =
        new PasswordAuthenticator(
            users::get,
            clock.nanoClock(),
            random,
            2,
            (hash, password) -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              boolean matches = hash.matches(password);
              now.decrementAndGet();
              return matches;
            });
    CountDownLatch go = new CountDownLatch(1);
    together(
        40,
        i -> {
          go.await();
          return counted
              .authenticate(credential("u" + i, "p"), from("192.0.2." + (i + 1)))
              .orElseThrow();
        },
        go);
    assertThat(most.get()).isBetween(1, 2);
  }

  @Test
  @Tag("T7")
  void T7_credential_that_waits_too_long_for_a_core_is_undecided_and_no_wrong_guess()
      throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    PasswordAuthenticator stuck =
        new PasswordAuthenticator(
            users::get,
            clock.nanoClock(),
            random,
            1,
            (hash, password) -> {
              inside.countDown();
              awaitQuietly(leave);
              return false;
            });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<AuthenticationResult> first =
          threads.submit(
              () -> stuck.authenticate(credential("bob", "x"), from("192.0.2.7")).orElseThrow());
      inside.await();
      assertThat(stuck.authenticate(credential("ann", "right"), from("192.0.2.1")).orElseThrow())
          .isInstanceOf(Undecidable.class);
      leave.countDown();
      assertThat(first.get()).isEqualTo(WRONG);
    }
  }

  @Test
  @Tag("T7")
  void T7_hashing_that_breaks_down_holds_nothing_against_anybody() {
    PasswordAuthenticator broken =
        new PasswordAuthenticator(
            users::get,
            clock.nanoClock(),
            random,
            1,
            (hash, password) -> {
              if (password.reveal().equals("break down")) {
                throw new IllegalStateException("as out of memory");
              }
              return hash.matches(password);
            });
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(
              () -> broken.authenticate(credential("ann", "break down"), from("192.0.2.1")))
          .isInstanceOf(IllegalStateException.class);
    }
    accepted(broken.authenticate(credential("ann", "right"), from("192.0.2.1")).orElseThrow());
  }

  @Test
  void right_password_is_hashed_once_a_minute() {
    accepted(signIn("ann", "right"));
    accepted(signIn("ann", "right"));
    assertThat(hashed).hasSize(1);
    clock.advance(PasswordAuthenticator.REMEMBERED);
    accepted(signIn("ann", "right"));
    assertThat(hashed).hasSize(2);
  }

  @Test
  @Tag("T7")
  void T7_wrong_password_that_is_repeated_is_hashed_once_and_counts_once() {
    for (int i = 0; i < 100; i++) {
      assertThat(signIn("ann", "wrong")).isEqualTo(WRONG);
      assertThat(signIn("nobody", "wrong")).isEqualTo(WRONG);
    }
    assertThat(hashed).hasSize(2);
    accepted(signIn("ann", "right"));
    clock.advance(PasswordAuthenticator.REMEMBERED_WRONG);
    assertThat(signIn("ann", "wrong")).isEqualTo(WRONG);
    assertThat(hashed).hasSize(4);
  }

  @Test
  void wrong_password_that_becomes_the_right_one_is_accepted_at_once() {
    assertThat(signIn("ann", "new")).isEqualTo(WRONG);
    users.set(Optional.of(Users.of(Map.of("ann", new User(hash("new"), Set.of())))));
    accepted(signIn("ann", "new"));
  }

  @ParameterizedTest
  @CsvSource({
    "re\u0301sume\u0301,r\u00e9sum\u00e9",
    "\u212b,\u00c5",
    "a\u00a0b,a b",
    "\uac00,\u1100\u1161"
  })
  void passwords_and_names_are_compared_after_nfc_and_with_plain_spaces(
      String hashedForm, String typedForm) {
    users.set(Optional.of(Users.of(Map.of(hashedForm, new User(hash(hashedForm), Set.of())))));
    Principal one = accepted(signIn(typedForm, typedForm));
    Principal other = accepted(signIn(hashedForm, hashedForm));
    assertThat(one.subject()).isEqualTo(other.subject());
    assertThat(hashed).hasSize(1);
    assertThat(signIn(typedForm, typedForm + "x")).isEqualTo(WRONG);
  }

  @Test
  void passwords_that_differ_in_more_than_normalization_are_different() {
    users.set(Optional.of(Users.of(Map.of("ann", new User(hash("\ufb01"), Set.of())))));
    // Compatibility forms are not the same (NFC, not NFKC).
    assertThat(signIn("ann", "fi")).isEqualTo(WRONG);
    accepted(signIn("ann", "\ufb01"));
  }

  @Test
  void names_that_normalization_makes_equal_are_refused() {
    assertThat(
            Users.problemWith(
                Map.of(
                    "\u00e9", new User(hash("x"), Set.of()),
                    "e\u0301", new User(hash("y"), Set.of()))))
        .isPresent();
  }

  @Test
  void changed_hash_forgets_the_old_password_at_once() {
    accepted(signIn("ann", "right"));
    users.set(Optional.of(Users.of(Map.of("ann", new User(hash("new"), Set.of())))));
    assertThat(signIn("ann", "right")).isEqualTo(WRONG);
    accepted(signIn("ann", "new"));
  }

  @Test
  void removed_user_is_refused_at_once_and_changed_groups_hold_at_once() {
    accepted(signIn("ann", "right"));
    User ann = users.get().orElseThrow().find("ann").orElseThrow();
    users.set(Optional.of(Users.of(Map.of("ann", new User(ann.hash(), Set.of("readers"))))));
    assertThat(accepted(signIn("ann", "right")).groups()).containsExactly("readers");
    users.set(Optional.of(Users.of(Map.of("bob", ann))));
    assertThat(signIn("ann", "right")).isEqualTo(WRONG);
  }

  @Test
  void nothing_is_decided_while_the_users_cannot_be_read() {
    users.set(Optional.empty());
    assertThat(signIn("ann", "right")).isInstanceOf(Undecidable.class);
    assertThat(hashed).isEmpty();
  }

  @Test
  void nobody_signs_in_where_there_are_no_users() {
    users.set(Optional.of(Users.of(Map.of())));
    assertThat(signIn("ann", "right")).isEqualTo(WRONG);
  }

  @ParameterizedTest
  @Tag("T7")
  @ValueSource(
      strings = {"right\u0000", "\u0000", "right\n", "ri\rght", "right\u007f", "right\u0085", ""})
  void T7_password_with_control_characters_or_none_is_not_hashed(String password) {
    assertThat(signIn("ann", password))
        .isEqualTo(new Unauthenticated(Reason.MALFORMED_CREDENTIAL, passwords.challenges()));
    assertThat(hashed).isEmpty();
  }

  @ParameterizedTest
  @Tag("T7")
  @ValueSource(strings = {"ann\u0000", "an\tn", ""})
  void T7_name_with_control_characters_or_none_is_not_hashed(String name) {
    assertThat(signIn(name, "right"))
        .isEqualTo(new Unauthenticated(Reason.MALFORMED_CREDENTIAL, passwords.challenges()));
    assertThat(hashed).isEmpty();
  }

  @Test
  @Tag("T7")
  void T7_credential_over_1024_bytes_is_not_hashed() {
    assertThat(signIn("ann", "x".repeat(1024))).isEqualTo(WRONG);
    assertThat(hashed).hasSize(1);
    for (String tooLong : List.of("x".repeat(1025), "é".repeat(513))) {
      assertThat(signIn("ann", tooLong)).isInstanceOf(Unauthenticated.class);
      assertThat(signIn(tooLong, "right")).isInstanceOf(Unauthenticated.class);
    }
    assertThat(hashed).hasSize(1);
  }

  @Test
  void users_with_too_many_different_costs_are_refused() {
    Map<String, User> many = new HashMap<>();
    for (int i = 0; i < 5; i++) {
      many.put(
          "user" + i,
          new User(Argon2Hash.ofNothing(new Argon2Hash.Cost(64 + i, 1, 1, 32), random), Set.of()));
    }
    assertThat(Users.problemWith(many)).isPresent();
    assertThatThrownBy(() -> Users.of(many)).isInstanceOf(IllegalArgumentException.class);
    many.remove("user4");
    assertThat(Users.problemWith(many)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\u3164", "a:b", "a\u0000"})
  void user_who_could_never_sign_in_is_refused(String name) {
    assertThat(Users.problemWith(Map.of(name, new User(hash("x"), Set.of())))).isPresent();
  }

  private PasswordAuthenticator authenticator(int cores) {
    return new PasswordAuthenticator(
        users::get,
        clock.nanoClock(),
        random,
        cores,
        (hash, password) -> {
          hashed.add(hash);
          return hash.matches(password);
        });
  }

  private void fiveWrong(String name, String address) {
    for (int i = 0; i < 5; i++) {
      assertThat(signIn(name, "guess " + i, address)).isEqualTo(WRONG);
    }
  }

  private AuthenticationResult signIn(String name, String password) {
    return signIn(name, password, "192.0.2.1");
  }

  private AuthenticationResult signIn(String name, String password, String address) {
    return passwords.authenticate(credential(name, password), from(address)).orElseThrow();
  }

  private static Principal accepted(AuthenticationResult result) {
    assertThat(result).isInstanceOf(Authenticated.class);
    return ((Authenticated) result).principal();
  }

  private static UserPassword credential(String name, String password) {
    return new UserPassword(name, Secret.of(password));
  }

  private static Attempt from(String address) {
    try {
      return new Attempt(
          "request", new ClientAddress(InetAddress.getByName(address)), Instant.EPOCH);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private Argon2Hash hash(String password) {
    return hash(password, CHEAP);
  }

  private Argon2Hash hash(String password, Argon2Hash.Cost cost) {
    return Argon2Hash.of(Secret.of(password), random, cost);
  }

  private interface Numbered {
    AuthenticationResult call(int number) throws InterruptedException;
  }

  private static List<AuthenticationResult> together(int count, Numbered call, CountDownLatch go)
      throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<AuthenticationResult>> futures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        Callable<AuthenticationResult> task = () -> call.call(number);
        futures.add(threads.submit(task));
      }
      go.countDown();
      List<AuthenticationResult> results = new ArrayList<>();
      for (Future<AuthenticationResult> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}

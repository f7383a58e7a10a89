package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.authentication.Argon2Hash;
import tokenvending.authentication.PasswordAuthenticator;
import tokenvending.authentication.Users;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.AuthenticationResult.Unauthenticated;
import tokenvending.identity.PresentedCredential.UserPassword;
import tokenvending.secret.Secret;
import tokenvending.testing.Attempts;
import tokenvending.testing.SettableClock;

@Tag("T7")
final class HashPasswordCommandTest {
  @Test
  void hash_lets_its_password_in_and_no_other() {
    CommandRun run = CommandRun.reading("pass wörd\n", "hash-password");

    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("$argon2id$v=19$").hasLineCount(1).doesNotContain("wörd");
    assertThat(signIn(run.out().strip(), "pass wörd")).isInstanceOf(Authenticated.class);
    assertThat(signIn(run.out().strip(), "pass word")).isInstanceOf(Unauthenticated.class);
  }

  @Test
  void same_password_never_has_the_same_hash() {
    String first = CommandRun.reading("secret", "hash-password").out();

    assertThat(CommandRun.reading("secret", "hash-password").out()).isNotEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "bell\u0007\n", "nul\u0000\n"})
  void password_that_no_sign_in_takes_is_2(String input) {
    CommandRun run = CommandRun.reading(input, "hash-password");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isNotBlank().doesNotContain("bell").doesNotContain("nul");
  }

  @Test
  void password_that_is_not_utf8_is_2() {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(new byte[] {'a', (byte) 0xc3, '\n'}));
    try {
      CommandRun run = CommandRun.of(new HashPasswordCommand());
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("not UTF-8");
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void longest_password_is_hashed_and_one_byte_more_is_2() {
    assertThat(CommandRun.reading("x".repeat(1024), "hash-password").code()).isZero();
    assertThat(CommandRun.reading("x".repeat(1025), "hash-password").code()).isEqualTo(2);
  }

  @Test
  void password_is_no_argument() {
    assertThat(CommandRun.reading("x", "hash-password", "secret").code()).isEqualTo(2);
  }

  private static AuthenticationResult signIn(String hash, String password) {
    Argon2Hash.Valid valid = (Argon2Hash.Valid) Argon2Hash.parse(hash);
    Users users = Users.of(Map.of("ann", new Users.User(valid.hash(), Set.of())));
    SettableClock clock = SettableClock.started();
    return new PasswordAuthenticator(() -> Optional.of(users), () -> 0L, new SecureRandom(), 1)
        .authenticate(new UserPassword("ann", Secret.of(password)), Attempts.at(clock.instant()))
        .orElseThrow();
  }
}

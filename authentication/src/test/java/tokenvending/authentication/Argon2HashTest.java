package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.secret.Secret;

final class Argon2HashTest {
  /** Printed by the reference implementation's command line tool for "password". */
  private static final String REFERENCE =
      "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk";

  /** The same with two lanes. */
  private static final String REFERENCE_OF_TWO_LANES =
      "$argon2id$v=19$m=4096,t=2,p=2$c29tZXNhbHQ$dyEuuPov0xmpJ+eUsnLp3LAoWe8F71UV8xSUtN/TiaE";

  private final SecureRandom random = new SecureRandom();

  @ParameterizedTest
  @ValueSource(strings = {REFERENCE, REFERENCE_OF_TWO_LANES})
  void hash_of_the_reference_implementation_is_understood(String text) {
    Argon2Hash hash = valid(text);
    assertThat(hash.matches(Secret.of("password"))).isTrue();
    assertThat(hash.matches(Secret.of("Password"))).isFalse();
    assertThat(hash.text()).isEqualTo(text);
  }

  @Test
  void new_hash_is_read_back_and_matches_its_password_only() {
    Argon2Hash made = Argon2Hash.of(Secret.of("pässwörd 🔑"), random);
    assertThat(made.text()).startsWith("$argon2id$v=19$m=19456,t=2,p=1$").hasSize(97);
    assertThat(made.isWeakerThanRecommended()).isFalse();
    Argon2Hash read = valid(made.text());
    assertThat(read.matches(Secret.of("pässwörd 🔑"))).isTrue();
    assertThat(read.matches(Secret.of("passwörd 🔑"))).isFalse();
  }

  @Test
  void same_password_hashes_differently_each_time() {
    Argon2Hash.Cost cheap = new Argon2Hash.Cost(64, 1, 1, 32);
    assertThat(Argon2Hash.of(Secret.of("p"), random, cheap).text())
        .isNotEqualTo(Argon2Hash.of(Secret.of("p"), random, cheap).text());
  }

  @Test
  void hash_prints_as_a_fixed_word() {
    assertThat(valid(REFERENCE)).hasToString("[argon2id hash]");
    assertThat(valid(REFERENCE).isWeakerThanRecommended()).isTrue();
  }

  @ParameterizedTest
  @Tag("T7")
  @CsvSource({"65536,3,4", "65536,4,1", "19456,2,1", "8,1,1", "32,1,4", "16384,16,1"})
  void T7_cost_within_bounds_is_accepted(int memory, int passes, int lanes) {
    valid(withCost(memory, passes, lanes));
  }

  @ParameterizedTest
  @Tag("T7")
  @CsvSource({
    "65537,1,1",
    "999999999,1,1",
    "65536,5,1",
    "8,999999999,1",
    "16384,17,1",
    "4096,1,5",
    "999999999,999999999,999999999"
  })
  void T7_cost_that_takes_the_machine_down_is_refused(int memory, int passes, int lanes) {
    assertThat(refused(withCost(memory, passes, lanes))).contains("cost too much");
  }

  @ParameterizedTest
  @Tag("T7")
  @ValueSource(
      strings = {
        "",
        "password",
        "$argon2i$v=19$m=4096,t=2,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk",
        "$argon2id$v=16$m=4096,t=2,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk",
        "$argon2id$m=4096,t=2,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk",
        "$argon2id$v=19$m=0,t=2,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk",
        "$argon2id$v=19$m=-1,t=2,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk",
        "$argon2id$v=19$t=2,m=4096,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk",
        "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHQ$",
        "$argon2id$v=19$m=4096,t=2,p=1$c2FsdA$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk",
        "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnl",
        "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk=",
        "$argon2id$v=19$m=4,t=2,p=1$c29tZXNhbHQ$jacJHQ+PoBstB/ZoVNk8re3s1yzVABZujceGiwVNJnk",
        "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
      })
  void T7_anything_else_is_refused_without_repeating_it(String text) {
    String problem = refused(text);
    if (!text.isEmpty()) {
      assertThat(problem).doesNotContain(text);
    }
  }

  private static String withCost(int memory, int passes, int lanes) {
    return REFERENCE.replace("m=4096,t=2,p=1", "m=%d,t=%d,p=%d".formatted(memory, passes, lanes));
  }

  static Argon2Hash valid(String text) {
    Argon2Hash.Parsed parsed = Argon2Hash.parse(text);
    assertThat(parsed).isInstanceOf(Argon2Hash.Valid.class);
    return ((Argon2Hash.Valid) parsed).hash();
  }

  private static String refused(String text) {
    Argon2Hash.Parsed parsed = Argon2Hash.parse(text);
    assertThat(parsed).isInstanceOf(Argon2Hash.Refused.class);
    return ((Argon2Hash.Refused) parsed).problem();
  }
}

package tokenvending.reuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.secret.Secret;

@Tag("T5")
final class TokenSealTest {
  private static final byte[] TOKEN = "a token".getBytes(UTF_8);
  private static final byte[] ANN = "for ann".getBytes(UTF_8);
  private static final byte[] BOB = "for bob".getBytes(UTF_8);

  private final TokenSeal seal = TokenSeal.of(Secret.of("api-key-1"));

  @Test
  void what_was_sealed_opens_with_the_same_api_key_in_another_process() {
    byte[] sealed = seal.seal(TOKEN, ANN);

    assertThat(TokenSeal.of(Secret.of("api-key-1")).open(sealed, ANN))
        .hasValueSatisfying(plain -> assertThat(plain).isEqualTo(TOKEN));
    assertThat(TokenSeal.of(Secret.of("api-key-1")).name(ANN)).isEqualTo(seal.name(ANN));
  }

  @Test
  void every_changed_bit_is_noticed() {
    byte[] sealed = seal.seal(TOKEN, ANN);
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(seal.open(changed, ANN)).as("bit %d", bit).isEmpty();
    }
    for (int length = 0; length < sealed.length; length++) {
      assertThat(seal.open(Arrays.copyOf(sealed, length), ANN)).isEmpty();
    }
    assertThat(seal.open(Arrays.copyOf(sealed, sealed.length + 1), ANN)).isEmpty();
  }

  @Test
  void what_was_sealed_for_one_does_not_open_for_another() {
    assertThat(seal.open(seal.seal(TOKEN, ANN), BOB)).isEmpty();
    assertThat(seal.name(ANN)).isNotEqualTo(seal.name(BOB));
  }

  @Test
  void another_api_key_neither_opens_nor_finds_it() {
    TokenSeal other = TokenSeal.of(Secret.of("api-key-2"));

    assertThat(other.open(seal.seal(TOKEN, ANN), ANN)).isEmpty();
    assertThat(other.name(ANN)).isNotEqualTo(seal.name(ANN));
  }

  @Test
  void nothing_shows_and_no_two_are_alike() {
    Set<String> all = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      String sealed = new String(seal.seal(TOKEN, ANN), ISO_8859_1);
      assertThat(sealed).doesNotContain("a token").doesNotContain("ann");
      all.add(sealed.substring(0, 12));
    }
    assertThat(all).hasSize(1_000);
    assertThat(seal.name(ANN)).matches("[A-Za-z0-9_-]{43}");
  }
}

package tokenvending.momentolocal.credential;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tokenvending.momentolocal.Grants;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.SealedToken;

class LocalTokenSealTest {

  private final LocalTokenSeal seal = LocalTokenSeal.random(new SecureRandom());

  private static SealedToken contents(String tokenId) {
    return SealedToken.newBuilder()
        .setKind(SealedToken.Kind.DISPOSABLE)
        .setExpiresAt(1_800_000_000_000L)
        .setTokenId(tokenId)
        .setPermissions(Grants.allDataReadWrite())
        .build();
  }

  @Test
  void what_was_sealed_can_be_opened() {
    String token = seal.seal(contents("Taylor")).orElseThrow();
    assertThat(token).startsWith("local.").matches("[\\x21-\\x7e]+").hasSizeLessThan(256);
    assertThat(seal.open(token)).contains(contents("Taylor"));
  }

  @Test
  void every_change_of_one_character_breaks_it() {
    // Three lengths in a row, so that the last character of a part has spare bits in two of them.
    for (String id : new String[] {"a", "ab", "abc"}) {
      String token = seal.seal(contents(id)).orElseThrow();
      for (int at = 0; at < token.length(); at++) {
        for (char other = 0; other < 256; other++) {
          if (other != token.charAt(at)) {
            String changed = token.substring(0, at) + other + token.substring(at + 1);
            assertThat(seal.open(changed)).isEmpty();
          }
        }
      }
    }
  }

  @Test
  void what_is_cut_or_added_to_breaks_it() {
    String token = seal.seal(contents("Taylor")).orElseThrow();
    for (int length = 0; length < token.length(); length++) {
      assertThat(seal.open(token.substring(0, length))).isEmpty();
    }
    for (String added : new String[] {"=", "A", ".", " ", "\n", "." + token}) {
      assertThat(seal.open(token + added)).isEmpty();
      assertThat(seal.open(added + token)).isEmpty();
    }
  }

  @Test
  void another_process_cannot_open_it() {
    String token = seal.seal(contents("Taylor")).orElseThrow();
    assertThat(LocalTokenSeal.random(new SecureRandom()).open(token)).isEmpty();
  }

  @Test
  void garbage_of_any_size_is_refused() {
    Random random = new Random(1);
    for (int size = 1; size < 10_000_000; size *= 7) {
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      assertThat(seal.open("local." + ByteString.copyFrom(bytes).toStringUtf8())).isEmpty();
    }
  }

  @Test
  void too_long_a_token_is_not_made() {
    assertThat(seal.seal(noise(4_000)))
        .hasValueSatisfying(t -> assertThat(t).hasSizeLessThan(6_144));
    assertThat(seal.seal(noise(5_000))).isEmpty();
    // Deflates to next to nothing, and would be inflated on every call.
    SealedToken vast =
        SealedToken.newBuilder()
            .setPermissions(
                Grants.of(Grants.key(CacheRole.CacheReadOnly, "c", "a".repeat(1_000_000))))
            .build();
    assertThat(seal.seal(vast)).isEmpty();
  }

  private static SealedToken noise(int size) {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    return SealedToken.newBuilder().setSerial(ByteString.copyFrom(bytes)).build();
  }
}

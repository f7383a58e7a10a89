package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.authentication.VerifiedTokens.MOST_BYTES;
import static tokenvending.authentication.VerifiedTokens.MOST_TOKENS;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tokenvending.authentication.VerifiedTokens.Digest;
import tokenvending.authentication.VerifiedTokens.Entry;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.secret.Secret;
import tokenvending.text.Json;

/** What verified tokens may take. */
final class VerifiedTokensTest {
  private static final VerificationKey KEY =
      VerificationKey.of(Json.object(Issuer.json(Issuer.jwk("rsa", Issuer.RSA))).orElseThrow())
          .orElseThrow();

  private final VerifiedTokens tokens = new VerifiedTokens();

  @Test
  void never_more_tokens_than_are_allowed_are_held_and_the_latest_stay() {
    for (int i = 0; i < 3 * MOST_TOKENS; i++) {
      tokens.put(digest(i), ENTRY, 100);
      assertThat(tokens.size()).isLessThanOrEqualTo(MOST_TOKENS);
    }
    for (int i = 3 * MOST_TOKENS - MOST_TOKENS / 2; i < 3 * MOST_TOKENS; i++) {
      assertThat(tokens.find(digest(i))).contains(ENTRY);
    }
    assertThat(tokens.find(digest(0))).isEmpty();
  }

  @Test
  void never_more_bytes_than_are_allowed_are_held() {
    long each = MOST_BYTES / 20;
    for (int i = 0; i < 100; i++) {
      tokens.put(digest(i), ENTRY, each);
      assertThat(tokens.bytes()).isLessThanOrEqualTo(MOST_BYTES);
    }
    tokens.put(digest(1000), ENTRY, MOST_BYTES);
    assertThat(tokens.find(digest(1000))).isEmpty();
    assertThat(tokens.find(digest(99))).contains(ENTRY);
  }

  @Test
  void token_that_is_asked_for_stays_while_others_come_and_go() {
    tokens.put(digest(-1), ENTRY, 100);
    for (int i = 0; i < 3 * MOST_TOKENS; i++) {
      tokens.put(digest(i), ENTRY, 100);
      if (i % 1000 == 0) {
        assertThat(tokens.find(digest(-1))).contains(ENTRY);
      }
    }
  }

  @Test
  void weight_grows_with_what_the_claims_hold() {
    long none = VerifiedTokens.weight(Map.of());
    assertThat(VerifiedTokens.weight(Map.of("a", new Claim.One("x".repeat(1000)))))
        .isGreaterThanOrEqualTo(none + 2000);
    assertThat(VerifiedTokens.weight(Map.of("a", new Claim.Many(List.of("x", "y".repeat(500))))))
        .isGreaterThanOrEqualTo(none + 1000);
  }

  @Test
  void one_bit_makes_another_digest() {
    assertThat(Digest.of(Secret.of("token"))).isEqualTo(Digest.of(Secret.of("token")));
    assertThat(Digest.of(Secret.of("token"))).isNotEqualTo(Digest.of(Secret.of("tokeo")));
  }

  private static final Entry ENTRY =
      new Entry(
          Principal.anonymous(),
          Instant.MIN,
          Instant.MAX,
          Optional.of("rsa"),
          SignatureAlgorithm.RS256,
          KEY);

  private static Digest digest(int i) {
    return Digest.of(Secret.of("token " + i));
  }
}

package tokenvending.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tokenvending.identity.Principal;
import tokenvending.policy.Decision.Granted;
import tokenvending.request.VendRequest;

@Tag("T3")
@Tag("I3")
final class TokenIdTest {
  @Test
  void a_literal_of_up_to_64_units_is_the_id() {
    for (String literal : List.of("a", "Taylor", "all", "*", "${subject}", "a".repeat(64))) {
      assertThat(TokenId.of(literal).value()).isEqualTo(literal);
    }
  }

  @Test
  void a_longer_literal_becomes_its_digest() throws Exception {
    String literal = "a".repeat(65);

    String expected =
        "sha256:"
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                    MessageDigest.getInstance("SHA-256").digest(literal.getBytes(UTF_8)));
    assertThat(TokenId.of(literal).value()).isEqualTo(expected).hasSize(50);
  }

  @Test
  void units_of_utf_16_are_counted() {
    assertThat(TokenId.of("😀".repeat(32)).value()).isEqualTo("😀".repeat(32));
    assertThat(TokenId.of("😀".repeat(33)).value()).startsWith("sha256:");
    assertThat(TokenId.of("é".repeat(64)).value()).isEqualTo("é".repeat(64));
  }

  @Test
  void a_literal_in_the_form_of_a_digest_is_digested() {
    String digest = TokenId.of("a".repeat(65)).value();

    assertThat(TokenId.of(digest).value()).isNotEqualTo(digest).startsWith("sha256:").hasSize(50);
    assertThat(TokenId.of(digest + "x").value()).isEqualTo(digest + "x");
    assertThat(TokenId.of(digest.substring(0, 49)).value()).isEqualTo(digest.substring(0, 49));
    assertThat(TokenId.of(digest.substring(0, 49) + "=").value()).hasSize(50).endsWith("=");
    assertThat(TokenId.of("SHA256:" + digest.substring(7)).value()).startsWith("SHA256:");
  }

  @Test
  void an_empty_literal_or_half_a_character_is_no_id() {
    String long_ = "a".repeat(65);
    for (String bad : List.of("", "\uD800", "a\uDC00", long_ + "\uD800", long_ + "\uD801")) {
      assertThatThrownBy(() -> TokenId.of(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void a_literal_that_could_be_taken_for_another_becomes_its_digest() {
    Set<String> ids = new HashSet<>();
    List<String> mistakable =
        List.of(
            " ",
            "  ",
            "\u00A0",
            "\u3164",
            "\u2800",
            "\u034F",
            "\uFE0F",
            "\u200B",
            "\uFEFF",
            "a\n",
            "ann ",
            " ann",
            "a  nn",
            "ann\u3164",
            "an\u034Fn",
            "ann\uFE0F",
            "a\u202Enn",
            "a\u2066nn",
            "ann\u00AD",
            "ann\u00A0",
            "e\u0301",
            "\u212B",
            "\uFF41nn",
            "\uFB01",
            "\u0430nn",
            "\u03BFb",
            "\u0301ann",
            "guest/\u0301a",
            "\uE000",
            "\u0378",
            "\uDB40\uDC41",
            "\uFFFC",
            "a\u0000");
    for (String literal : mistakable) {
      String id = TokenId.of(literal).value();
      assertThat(id).as(literal).startsWith("sha256:").hasSize(50);
      ids.add(id);
    }
    assertThat(ids).hasSameSizeAs(mistakable);
  }

  @Test
  void a_literal_of_any_one_script_is_the_id() {
    for (String literal :
        List.of(
            "J\u00FCrgen M\u00FCller",
            "\u0430\u043D\u043D\u0430",
            "\u738B\u5C0F\u660E",
            "\u5C71\u7530 Taro",
            "\u0905\u0928\u093F\u0932",
            "\u0E2A\u0E21\u0E0A\u0E32\u0E22",
            "a@b.c|d_e-f",
            "guest/\uD83D\uDE00")) {
      assertThat(TokenId.of(literal).value()).isEqualTo(literal);
    }
  }

  @Test
  void ids_are_equal_when_their_values_are() {
    assertThat(TokenId.of("ann")).isEqualTo(TokenId.of("ann")).hasSameHashCodeAs(TokenId.of("ann"));
    assertThat(TokenId.of("ann")).isNotEqualTo(TokenId.of("Ann")).hasToString("ann");
    assertThat(TokenId.of("e\u0301")).isNotEqualTo(TokenId.of("\u00E9"));
  }

  @Test
  void a_million_identities_have_a_million_ids() {
    long seed = 20260101L;
    Random random = new Random(seed);
    Policy policy =
        Draft.of(Draft.ISSUER_X, Draft.ISSUER_Y, Draft.PASSWORDS)
            .rule(Draft.rule("x").claiming("iss", Draft.X).tokenId("x/${subject}"))
            .rule(Draft.rule("y").claiming("iss", Draft.Y).tokenId("y/${claims.iss}|${subject}"))
            .rule(Draft.rule("p").claiming("iss", "password").tokenId("p/${subject}"))
            .compiled();
    List<String> issuers = List.of(Draft.X, Draft.Y, "password");
    int count = 1_000_000;
    long[] identities = new long[count];
    long[] ids = new long[count];
    int longest = 0;
    int digests = 0;
    VendRequest request = VendRequest.of(Map.of());
    for (int i = 0; i < count; i++) {
      String issuer = issuers.get(i % 3);
      String subject = subject(random, i / 3);
      Principal caller = Principal.verified(issuer, subject, Set.of(), Map.of(), Optional.empty());
      Granted granted = (Granted) policy.decide(caller, request, Instant.EPOCH);
      String id = granted.grant().tokenId().orElseThrow().value();
      longest = Math.max(longest, id.length());
      digests += id.startsWith("sha256:") ? 1 : 0;
      identities[i] = hash(issuer + "\u0000" + subject);
      ids[i] = hash(id);
    }

    assertThat(longest).isLessThanOrEqualTo(64);
    assertThat(digests).isBetween(count / 10, count);
    // 64-bit hashes: a chance collision among a million has a probability of 3 in 100 million.
    assertThat(distinct(identities)).isEqualTo(count);
    assertThat(distinct(ids)).as("seed %d", seed).isEqualTo(count);
  }

  /** Different for each number, and close to others: shared beginnings, ends, marks, lengths. */
  private static String subject(Random random, int number) {
    String name = Integer.toString(number, 36);
    return switch (random.nextInt(8)) {
      case 0 -> name;
      case 1 -> "x/" + name;
      case 2 -> "p/" + name;
      case 3 -> "sha256:" + "A".repeat(43 - name.length()) + name;
      case 4 -> "a".repeat(63 - name.length()) + "." + name;
      case 5 -> "a".repeat(200) + "." + name;
      case 6 -> name + "😀".repeat(random.nextInt(60));
      default -> Draft.Y + "|" + name;
    };
  }

  @Test
  void near_misses_have_different_ids() {
    Set<String> ids = new HashSet<>();
    int literals = 0;
    for (int length = 1; length <= 255; length++) {
      ids.add(TokenId.of("a".repeat(length)).value());
      literals++;
    }
    String id = "a".repeat(65);
    for (int i = 0; i < 100; i++) {
      id = TokenId.of(id).value();
      ids.add(id);
      literals += i == 0 ? 0 : 1;
    }
    assertThat(ids).hasSize(literals);
  }

  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
      hash ^= hash >>> 29;
    }
    return hash;
  }

  private static long distinct(long[] values) {
    return Arrays.stream(values).distinct().count();
  }
}

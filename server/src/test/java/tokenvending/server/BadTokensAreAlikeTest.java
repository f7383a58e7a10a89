package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.api.ApiResponse;
import tokenvending.api.Field;
import tokenvending.application.Application;
import tokenvending.momentolocal.MomentoLocalOptions;

/** RFC 6750 §3.1: whatever is wrong with a token, the challenge is one and the same. */
@Tag("T2")
@Tag("T17")
final class BadTokensAreAlikeTest {
  @TempDir private Path folder;

  @Test
  void token_of_any_other_issuer_or_no_form_is_an_invalid_token_like_a_forged_one() {
    try (Stage stage = Stage.start(folder, MomentoLocalOptions.defaults())) {
      Application application =
          stage.under(
              stage.configuration(
                  """
                  authentication:
                  %s  - open: {}
                  rules:
                    - id: everyone
                      when: { groups: [nobody] }
                      permissions:
                        - { role: ReadOnly, cache: a }
                  """
                      .formatted(stage.method())));
      String good = stage.jwt("ann", "");
      int dot = good.lastIndexOf('.');
      String forged = good.substring(0, dot) + "." + "A".repeat(good.length() - dot - 1);
      String foreign = stage.jwt("https://other.example.com", "ann", 60, "");
      for (String token : List.of(forged, foreign, "abc", "a.b.c", "!!!", "a b", "\u00e9")) {
        assertThat(challenges(application, Map.of("authorization", "Bearer " + token)))
            .as(token)
            .containsExactly("Bearer realm=\"token-vending\", error=\"invalid_token\"");
      }
      assertThat(challenges(application, Map.of("authorization", "Digest a")))
          .as("no token at all")
          .containsExactly("Bearer realm=\"token-vending\"");
      assertThat(stage.minted).isEmpty();
    }
  }

  private static List<String> challenges(Application application, Map<String, String> headers) {
    ApiResponse answer = Stage.get(application, "", headers);
    assertThat(answer.status()).isEqualTo(401);
    return answer.headers().stream()
        .filter(field -> field.name().equals("www-authenticate"))
        .map(Field::value)
        .toList();
  }
}

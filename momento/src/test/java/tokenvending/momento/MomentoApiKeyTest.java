package tokenvending.momento;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.secret.Secret;

class MomentoApiKeyTest {
  private static final String MARK = "c4n4ry";
  private static final String V1 =
      base64("{\"endpoint\":\"cell-1.example.com\",\"api_key\":\"" + MARK + "-inner\"}");
  private static final String V2 = jwt("{\"t\":\"g\",\"id\":\"" + MARK + "\"}");
  private static final String LEGACY =
      jwt("{\"sub\":\"" + MARK + "\",\"cp\":\"control.example.com\",\"c\":\"cache.example.com\"}");

  @Test
  void v1_key_is_opened_and_its_endpoint_names_the_token_service() {
    MomentoApiKey key = usable(V1, Optional.empty());
    assertThat(key.key().reveal()).isEqualTo(MARK + "-inner");
    assertThat(key.endpoint()).isEqualTo("cell-1.example.com");
    assertThat(key.tokenService()).hasToString("https://token.cell-1.example.com:443");
  }

  @Test
  void v1_endpoint_may_carry_a_port() {
    String pasted = base64("{\"endpoint\":\"cell.example.com:8443\",\"api_key\":\"k\"}");
    assertThat(usable(pasted, Optional.empty()).tokenService())
        .hasToString("https://token.cell.example.com:8443");
  }

  @Test
  void v1_key_needs_no_endpoint_and_ignores_one() {
    assertThat(usable(V1, Optional.of("other.example.com")).endpoint())
        .isEqualTo("cell-1.example.com");
  }

  @Test
  void v2_key_is_sent_whole_and_takes_the_endpoint_given() {
    MomentoApiKey key = usable(V2, Optional.of("cell-2.example.com\n"));
    assertThat(key.key().reveal()).isEqualTo(V2);
    assertThat(key.tokenService()).hasToString("https://token.cell-2.example.com:443");
  }

  @Test
  void v2_key_without_an_endpoint_says_what_to_set() {
    assertThat(problem(V2, Optional.empty())).contains("momento.endpoint");
    assertThat(problem(V2, Optional.of(" "))).contains("momento.endpoint");
  }

  @Test
  void legacy_key_has_its_token_service_at_its_cache_host() {
    MomentoApiKey key = usable(LEGACY, Optional.empty());
    assertThat(key.key().reveal()).isEqualTo(LEGACY);
    assertThat(key.tokenService()).hasToString("https://cache.example.com:443");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s\n", "%s\r\n", " \t%s  \n\n"})
  void white_space_around_a_key_is_dropped(String form) {
    assertThat(usable(form.formatted(V1), Optional.empty()).key().reveal())
        .isEqualTo(MARK + "-inner");
  }

  @Test
  void bad_keys_are_refused_with_a_sentence_that_does_not_show_them() {
    for (String bad :
        new String[] {
          "",
          " \n",
          MARK,
          MARK + " " + V1,
          "\"" + V1 + "\"",
          V1.substring(0, 20) + "\n" + V1.substring(20),
          V1.replaceAll("=+$", ""),
          V1 + "\u00e9",
          V1.substring(0, V1.length() - 8),
          "x".repeat(8193),
          base64("{\"endpoint\":\"cell.example.com\"}" + MARK),
          base64("{\"endpoint\":\"cell.example.com\",\"api_key\":\"\",\"m\":\"" + MARK + "\"}"),
          base64("{\"endpoint\":\"cell.example.com\",\"api_key\":\"a b" + MARK + "\"}"),
          base64("{\"endpoint\":\"cell.example.com\",\"api_key\":\"a\\n" + MARK + "\"}"),
          base64("{\"endpoint\":\"cell.example.com\",\"api_key\":1,\"m\":\"" + MARK + "\"}"),
          base64("{\"endpoint\":\"\",\"api_key\":\"" + MARK + "\"}"),
          base64("{\"endpoint\":\"a/b\",\"api_key\":\"" + MARK + "\"}"),
          base64("{\"endpoint\":\"a@b\",\"api_key\":\"" + MARK + "\"}"),
          base64("{\"endpoint\":\"a:99999\",\"api_key\":\"" + MARK + "\"}"),
          base64("{\"endpoint\":\"a\",\"api_key\":\"b\",\"api_key\":\"" + MARK + "\"}"),
          base64("{\"endpoint\":\"a\",\"api_key\":\"" + MARK + "\"}x"),
          base64("[\"" + MARK + "\"]"),
          jwt("{\"t\":\"d\",\"m\":\"" + MARK + "\"}"),
          jwt("{\"c\":\"cache.example.com\",\"m\":\"" + MARK + "\"}"),
          jwt("{\"cp\":\"a\",\"c\":\"\",\"m\":\"" + MARK + "\"}"),
          jwt(MARK),
          MARK + "." + MARK + "." + MARK,
        }) {
      String problem = problem(bad, Optional.of("cell.example.com"));
      assertThat(problem).isNotBlank().doesNotContain(MARK).doesNotContain("\n");
    }
  }

  @Test
  void key_and_its_reading_print_without_the_key() {
    KeyReading reading = MomentoApiKey.parse(Secret.of(V1), Optional.empty());
    assertThat(reading.toString()).doesNotContain(MARK).contains("cell-1.example.com");
  }

  static String base64(String json) {
    return Base64.getEncoder().encodeToString(json.getBytes(UTF_8));
  }

  static String jwt(String payload) {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString("{\"alg\":\"HS256\"}".getBytes(UTF_8))
        + "."
        + encoder.encodeToString(payload.getBytes(UTF_8))
        + "."
        + encoder.encodeToString("signature".getBytes(UTF_8));
  }

  private static MomentoApiKey usable(String pasted, Optional<String> endpoint) {
    KeyReading reading = MomentoApiKey.parse(Secret.of(pasted), endpoint);
    if (reading instanceof KeyReading.Usable(MomentoApiKey key)) {
      return key;
    }
    throw new AssertionError(reading.toString());
  }

  private static String problem(String pasted, Optional<String> endpoint) {
    KeyReading reading = MomentoApiKey.parse(Secret.of(pasted), endpoint);
    if (reading instanceof KeyReading.Unusable(String problem)) {
      return problem;
    }
    throw new AssertionError("taken for a key");
  }
}

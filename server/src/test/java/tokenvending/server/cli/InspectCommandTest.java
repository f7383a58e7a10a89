package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InspectCommandTest {
  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String jwt(String claims) {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString("{\"alg\":\"HS256\"}".getBytes(UTF_8))
        + "."
        + encoder.encodeToString(claims.getBytes(UTF_8))
        + ".c2lnbmF0dXJl";
  }

  private static String token(String key) {
    return base64("{\"endpoint\":\"cell-1.example.com\",\"api_key\":\"" + key + "\"}");
  }

  private static CommandRun inspect(String... arguments) {
    return CommandRun.of(new InspectCommand(), arguments);
  }

  @Test
  void jwt_in_a_token_is_read_and_counted_down() {
    long exp = Instant.now().getEpochSecond() + 3600 + 30;

    CommandRun run = inspect(token(jwt("{\"exp\":" + exp + ",\"sub\":\"ann\"}")));

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("form      a JWT, its signature not checked")
        .contains("endpoint  cell-1.example.com")
        .containsPattern("expires   [A-Z][a-z]+, .* UTC, in 1h( [0-9]+s)?")
        .contains("sub = ann");
  }

  @Test
  void expired_token_is_said_to_be_of_no_use() {
    CommandRun run = inspect(token(jwt("{\"exp\":1700000000}")));

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("Tuesday, November 14, 2023")
        .contains(" ago: it no longer works");
  }

  @Test
  void token_on_standard_input_is_read_to_the_end() {
    String token = token(jwt("{\"exp\":1700000000}"));

    assertThat(CommandRun.reading(token + "\n", "inspect").out())
        .isEqualTo(CommandRun.reading("\n " + token, "inspect", "-").out())
        .contains("endpoint  cell-1.example.com");
  }

  @Test
  void whole_answer_of_the_server_will_do() {
    String answer =
        "{\"authToken\":\"%s\",\"expiresAt\":1700000000,\"permissions\":[\"ReadOnly cache=a\"]}"
            .formatted(token(jwt("{\"exp\":1700000000}")));

    CommandRun run = CommandRun.reading(answer, "inspect");

    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("endpoint  cell-1.example.com");
  }

  @Test
  void key_of_unknown_form_is_called_opaque() {
    CommandRun run = inspect(token("something"));

    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("form      an opaque key").contains("expires   not readable");
  }

  @Test
  void terminal_is_told_nothing_but_text() {
    CommandRun run =
        inspect(
            base64(
                "{\"endpoint\":\"a\\u001b[2J\",\"api_key\":\"%s\"}"
                    .formatted(jwt("{\"b\\u202e\":\"\\u001b]0;x\\u0007\"}"))));

    assertThat(run.code()).isZero();
    assertThat(run.out().replace(System.lineSeparator(), " ")).doesNotContainPattern("\\p{C}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"garbage", "{}", "{\"authToken\":1}", "a.b.c", "e30=", "[]", "{\"a\":"})
  void garbage_is_2(String text) {
    CommandRun argument = inspect(text);
    CommandRun input = CommandRun.reading(text, "inspect");

    assertThat(argument.code()).isEqualTo(2);
    assertThat(input.code()).isEqualTo(2);
    assertThat(argument.out()).isEmpty();
    assertThat(argument.err()).startsWith("not a token");
  }

  @Test
  void nothing_at_all_is_2() {
    assertThat(CommandRun.reading("", "inspect").code()).isEqualTo(2);
  }
}

package tokenvending.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class JsonObjectTest {
  @Test
  void members_stand_in_the_order_in_which_they_were_added() {
    byte[] json =
        new JsonObject(16)
            .text("a", "b")
            .number("n", -7)
            .flag("f", true)
            .texts("none", List.of())
            .texts("two", List.of("x", "y"))
            .text("absent", Optional.empty())
            .text("present", Optional.of("z"))
            .utf8();
    assertThat(new String(json, UTF_8))
        .isEqualTo(
            "{\"a\":\"b\",\"n\":-7,\"f\":true,\"none\":[],\"two\":[\"x\",\"y\"],\"present\":\"z\"}");
  }

  @Test
  void nothing_added_is_an_empty_object() {
    assertThat(new String(new JsonObject(0).line(), UTF_8)).isEqualTo("{}\n");
  }

  @Test
  void what_ends_a_text_or_hides_in_one_is_escaped() {
    assertThat(written("a\"b\\c\nd\re\tf")).isEqualTo("a\\\"b\\\\c\\nd\\re\\tf");
    assertThat(written("\u0000\u001f\u007f\u0085\u00ad\u202e\u2028\ufeff"))
        .isEqualTo("\\u0000\\u001f\\u007f\\u0085\\u00ad\\u202e\\u2028\\ufeff");
  }

  @Test
  @Tag("T15")
  void what_cannot_be_seen_is_escaped() {
    assertThat(written("a\u00a0b\u3164\u2800\u034f\ufe0f\ue000\u0378\uffa0\u2003"))
        .isEqualTo("a\\u00a0b\\u3164\\u2800\\u034f\\ufe0f\\ue000\\u0378\\uffa0\\u2003");
    assertThat(written(" ")).isEqualTo("\\u0020");
    assertThat(written("  \u00a0")).isEqualTo("\\u0020\\u0020\\u00a0");
    assertThat(written(" a ")).isEqualTo(" a ");
  }

  @Test
  @Tag("T15")
  void text_that_is_not_in_normalization_form_c_shows_it() {
    assertThat(written("\u00e9")).isEqualTo("\u00e9");
    assertThat(written("e\u0301 \u00e9")).isEqualTo("e\\u0301 \\u00e9");
    assertThat(written("\u212b")).isEqualTo("\\u212b");
  }

  @Test
  void letters_of_the_basic_plane_stay_and_what_is_beyond_is_escaped() {
    assertThat(written("é 世")).isEqualTo("é 世");
    assertThat(written("a\ud83d\ude80b")).isEqualTo("a\\ud83d\\ude80b");
  }

  @Test
  void half_a_character_is_replaced() {
    assertThat(written("a\ud83d")).isEqualTo("a\ufffd");
    assertThat(written("\ude80\ud83da")).isEqualTo("\ufffd\ufffda");
  }

  private static String written(String value) {
    String whole = new String(new JsonObject(0).text("v", value).utf8(), UTF_8);
    return whole.substring("{\"v\":\"".length(), whole.length() - "\"}".length());
  }
}

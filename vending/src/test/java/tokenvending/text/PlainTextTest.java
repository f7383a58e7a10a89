package tokenvending.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PlainTextTest {
  @Test
  void letters_signs_spaces_and_emoji_are_plain() {
    for (String plain : List.of("", "a", " ", "\u00A0", "é", "e\u0301", "漢", "😀", "$*{}\"\\")) {
      assertThat(PlainText.isPlain(plain)).as(plain).isTrue();
    }
  }

  @Test
  void whatever_breaks_lines_or_reorders_or_hides_or_has_no_utf_8_is_not_plain() {
    for (String bad :
        List.of(
            "\u0000",
            "\t",
            "\n",
            "\r",
            "\u001B",
            "\u007F",
            "\u0085",
            "\u00AD",
            "\u061C",
            "\u200B",
            "\u200D",
            "\u200E",
            "\u200F",
            "\u202A",
            "\u202E",
            "\u2066",
            "\u2069",
            "\uFEFF",
            "\u2028",
            "\u2029",
            "\uD800",
            "\uDC00",
            "\uDC00\uD800",
            "a\uD83D",
            "\uDB40\uDC41")) {
      assertThat(PlainText.isPlain(bad)).isFalse();
      assertThat(PlainText.isPlain("a" + bad + "b")).isFalse();
    }
  }

  @Test
  void what_a_reader_cannot_see_is_not_visible() {
    for (String unseen :
        List.of(
            "",
            " ",
            "   ",
            "\u00A0",
            "\u1680",
            "\u2003",
            "\u3000",
            "\u034F",
            "\u115F",
            "\u1160",
            "\u17B4",
            "\u180B",
            "\u180F",
            "\u2065",
            "\u2800",
            "\u3164",
            "\uFE00",
            "\uFE0F",
            "\uFFA0",
            "\uFFF0",
            "\uFFFC",
            "\uE000",
            "\uF8FF",
            "\u0378",
            "\uFFFE",
            "\u200B",
            "\u202E",
            "\u2066",
            "\uD800",
            "\uDB40\uDD00",
            "\uD834\uDD59",
            "\uDBFF\uDFFF")) {
      assertThat(PlainText.isBlank(unseen)).as(unseen).isTrue();
      assertThat(PlainText.isVisible(unseen)).as(unseen).isFalse();
      assertThat(PlainText.isVisible("a" + unseen + "b"))
          .isEqualTo(unseen.isBlank() && unseen.chars().allMatch(c -> c == ' '));
    }
    for (String visible :
        List.of("a", " a ", "\u00E9", "e\u0301", "\u6F22", "\uD83D\uDE00", "$*{}")) {
      assertThat(PlainText.isBlank(visible)).isFalse();
      assertThat(PlainText.isVisible(visible)).as(visible).isTrue();
    }
  }

  @Test
  void a_joiner_is_accepted_where_it_shows() {
    for (String good :
        List.of(
            "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645",
            "\u0645\u06CC\u064E\u200C\u064E\u062E",
            "\u0915\u094D\u200D\u0937",
            "\u0915\u094D\u200C\u0937",
            "\u0DC1\u0DCA\u200D\u0DBB\u0DD3",
            "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
            "\uD83D\uDC69\uD83C\uDFFD\u200D\uD83D\uDCBB",
            "\uD83D\uDC68\u200D\u2695\uFE0F",
            "\u2764\uFE0F\u200D\uD83D\uDD25")) {
      assertThat(PlainText.isPlain(good)).as(good).isFalse();
      assertThat(PlainText.isPlainValue(good)).as(good).isTrue();
      assertThat(PlainText.isUnambiguous(good)).as(good).isTrue();
    }
  }

  @Test
  void a_joiner_is_rejected_where_it_could_hide() {
    for (String bad :
        List.of(
            "\u200C",
            "\u200D",
            "Ann\u200C",
            "\u200DAnn",
            "A\u200Cnn",
            "A\u200Dnn",
            // After a letter that does not join the next one, and at either end.
            "\u062F\u200C\u0645",
            "\u06CC\u200C",
            "\u200C\u062E",
            "\u06CC\u200Cx",
            "\u06CC\u200D\u062E",
            "\u06CC\u200C\u200C\u062E",
            "\u094D\u200D",
            "\u0915\u200D\u0937",
            "\u0915\u094D\u200D\u200D\u0937",
            "\uD83D\uDC68\u200D",
            "\uD83D\uDC68\u200Dx",
            "x\u200D\uD83D\uDC68",
            "\uD83D\uDC68\u200D\u200D\uD83D\uDC69",
            // Without the selector it looks the same.
            "\u2764\u200D\uD83D\uDD25",
            "\uD83D\uDC68\u200D\u2695",
            "\uD83D\uDC68\uFE0F\u200D\uD83D\uDC69")) {
      assertThat(PlainText.isPlainValue(bad)).as(bad).isFalse();
      assertThat(PlainText.isUnambiguous(bad)).as(bad).isFalse();
    }
    for (String hidden : List.of("\u2764\uFE0F", "A\uFE0F", "\uD83D\uDC68\uFE0F")) {
      assertThat(PlainText.isUnambiguous(hidden)).as(hidden).isFalse();
    }
  }

  @Test
  void only_five_categories_are_not_plain() {
    int plain = 0;
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      boolean bad =
          switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                Character.FORMAT,
                Character.SURROGATE,
                Character.LINE_SEPARATOR,
                Character.PARAGRAPH_SEPARATOR ->
                true;
            default -> false;
          };
      if (PlainText.isPlain(Character.toString(codePoint)) == bad) {
        throw new AssertionError("U+%04X".formatted(codePoint));
      }
      plain += bad ? 0 : 1;
    }
    assertThat(plain).isGreaterThan(1_000_000);
  }
}

package tokenvending.text;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.EnumSet;
import java.util.Set;

/**
 * Classifies the characters of names that reach Momento, a log or another user's screen. From the
 * least to the most strict: {@link #isPlain}, {@link #isVisible}, {@link #isUnambiguous}.
 */
public final class PlainText {
  /**
   * Ranges, first and last, of invisible characters that their general category does not reveal:
   * default-ignorable code points (Unicode §5.21) and blank glyphs.
   */
  private static final int[] BLANK = {
    0x034F, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180F, 0x2800, 0x2800, 0x3164, 0x3164,
    0xFE00, 0xFE0F, 0xFFA0, 0xFFA0, 0xFFFC, 0xFFFD, 0x13441, 0x13446, 0x16FE4, 0x16FE4, 0x1D159,
    0x1D159, 0xE0000, 0xE0FFF
  };

  private static final Set<UnicodeScript> ANY_SCRIPT =
      EnumSet.of(UnicodeScript.COMMON, UnicodeScript.INHERITED);

  /** Scripts that are written together (UTS #39 §5.2, "highly restrictive"). */
  private static final Set<UnicodeScript> EAST_ASIAN =
      EnumSet.of(
          UnicodeScript.LATIN,
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.BOPOMOFO,
          UnicodeScript.HANGUL);

  private PlainText() {}

  /**
   * Whether the text has no control, format, surrogate or separator characters (Unicode Cc, Cf, Cs,
   * Zl, Zp). These break lines, reorder the displayed text, or have no UTF-8 form.
   */
  public static boolean isPlain(String text) {
    return text.codePoints().allMatch(PlainText::isPlain);
  }

  private static boolean isPlain(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /**
   * Whether every character is visible: the text is plain and not blank, and has no space but
   * U+0020, no default-ignorable, private-use or unassigned code point and no blank glyph.
   */
  public static boolean isVisible(String text) {
    return !isBlank(text) && text.codePoints().allMatch(PlainText::isVisible);
  }

  /** Whether the character is visible. U+0020 counts as visible. */
  public static boolean isVisible(int codePoint) {
    if (codePoint >= ' ' && codePoint < 0x7f) {
      return true;
    }
    return switch (Character.getType(codePoint)) {
      case Character.SPACE_SEPARATOR, Character.PRIVATE_USE, Character.UNASSIGNED -> false;
      default -> isPlain(codePoint) && !isListed(codePoint);
    };
  }

  private static boolean isListed(int codePoint) {
    for (int i = 0; i < BLANK.length; i += 2) {
      if (codePoint >= BLANK[i] && codePoint <= BLANK[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /** Whether the text is empty, or has only white space and invisible characters. */
  public static boolean isBlank(String text) {
    return text.codePoints().allMatch(c -> c == ' ' || !isVisible(c));
  }

  /** Whether the text has a UTF-8 form: it contains no half of a surrogate pair. */
  public static boolean isWellFormed(String text) {
    return text.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE);
  }

  /**
   * Whether readers can hardly confuse the text with another. It is visible, has no space at its
   * ends and no two spaces in a row, equals its normalization form KC, puts combining marks on
   * letters and digits only, and mixes no scripts that are not written together. Letters of two
   * such scripts can still look alike.
   */
  public static boolean isUnambiguous(String text) {
    if (!isVisible(text) || text.startsWith(" ") || text.endsWith(" ") || text.contains("  ")) {
      return false;
    }
    return text.chars().allMatch(c -> c < 0x80)
        || (Normalizer.isNormalized(text, Normalizer.Form.NFKC)
            && marksHaveLetters(text)
            && isOfOneScript(text));
  }

  private static boolean marksHaveLetters(String text) {
    boolean canCarry = false;
    for (int c : text.codePoints().toArray()) {
      boolean mark =
          switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                Character.ENCLOSING_MARK,
                Character.COMBINING_SPACING_MARK ->
                true;
            default -> false;
          };
      if (mark && !canCarry) {
        return false;
      }
      canCarry = mark || Character.isLetterOrDigit(c);
    }
    return true;
  }

  private static boolean isOfOneScript(String text) {
    Set<UnicodeScript> scripts = EnumSet.noneOf(UnicodeScript.class);
    text.codePoints().mapToObj(UnicodeScript::of).forEach(scripts::add);
    scripts.removeAll(ANY_SCRIPT);
    return scripts.size() < 2 || EAST_ASIAN.containsAll(scripts);
  }
}

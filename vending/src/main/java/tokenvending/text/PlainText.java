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

  private static final int NON_JOINER = 0x200C;
  private static final int JOINER = 0x200D;
  private static final int EMOJI_STYLE = 0xFE0F;

  /** Viramas of the scripts of India and Sri Lanka, after which a joiner selects a form. */
  private static final String VIRAMAS =
      "\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA";

  /** Ranges of Arabic letters that join the next letter (Joining_Type D). */
  private static final int[] DUAL_JOINING = {
    0x0620, 0x0620, 0x0626, 0x0626, 0x0628, 0x0628, 0x062A, 0x062E, 0x0633, 0x063F, 0x0641, 0x0647,
    0x0649, 0x064A, 0x066E, 0x066F, 0x0678, 0x0687, 0x069A, 0x06BF, 0x06C1, 0x06C2, 0x06CC, 0x06CC,
    0x06CE, 0x06CE, 0x06D0, 0x06D1, 0x06FA, 0x06FC, 0x06FF, 0x06FF
  };

  /** Ranges of Arabic letters that join only the letter before them (Joining_Type R). */
  private static final int[] RIGHT_JOINING = {
    0x0622, 0x0625, 0x0627, 0x0627, 0x0629, 0x0629, 0x062F, 0x0632, 0x0648, 0x0648, 0x0671, 0x0673,
    0x0675, 0x0677, 0x0688, 0x0699, 0x06C0, 0x06C0, 0x06C3, 0x06CB, 0x06CD, 0x06CD, 0x06CF, 0x06CF,
    0x06D2, 0x06D3, 0x06D5, 0x06D5, 0x06EE, 0x06EF
  };

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
    return isIn(BLANK, codePoint);
  }

  private static boolean isIn(int[] ranges, int codePoint) {
    for (int i = 0; i < ranges.length; i += 2) {
      if (codePoint >= ranges[i] && codePoint <= ranges[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the text can be a value that a caller chose: it is plain, except for joiners (U+200C,
   * U+200D) where they change how the text looks. These are the contexts of RFC 5892 A.1 and A.2
   * for Arabic letters and Indic viramas, and sequences of emoji (UTS #51 §1.4.9).
   */
  public static boolean isPlainValue(String text) {
    return isPlain(withoutJoiners(text));
  }

  /** Returns the text without the joiners, and the variation selectors of emoji, that show. */
  private static String withoutJoiners(String text) {
    int[] points = text.codePoints().toArray();
    StringBuilder rest = new StringBuilder(text.length());
    for (int i = 0; i < points.length; i++) {
      boolean shows =
          switch (points[i]) {
            case NON_JOINER -> followsVirama(points, i) || isBetweenJoining(points, i);
            case JOINER -> followsVirama(points, i) || isBetweenEmoji(points, i);
            case EMOJI_STYLE -> isStyleInSequence(points, i);
            default -> false;
          };
      if (!shows) {
        rest.appendCodePoint(points[i]);
      }
    }
    return rest.toString();
  }

  private static boolean followsVirama(int[] points, int at) {
    return at > 1 && VIRAMAS.indexOf(points[at - 1]) >= 0;
  }

  private static boolean isBetweenJoining(int[] points, int at) {
    int before = at - 1;
    while (before >= 0 && Character.getType(points[before]) == Character.NON_SPACING_MARK) {
      before--;
    }
    int after = at + 1;
    while (after < points.length
        && Character.getType(points[after]) == Character.NON_SPACING_MARK) {
      after++;
    }
    return before >= 0
        && after < points.length
        && isIn(DUAL_JOINING, points[before])
        && (isIn(DUAL_JOINING, points[after]) || isIn(RIGHT_JOINING, points[after]));
  }

  /** Whether both neighbors are emoji in the style in which they are displayed as one. */
  private static boolean isBetweenEmoji(int[] points, int at) {
    if (at == 0
        || at + 1 == points.length
        || !Character.isExtendedPictographic(points[at + 1])
        || !isStyled(points, at + 1)) {
      return false;
    }
    int before = at - 1;
    if (points[before] == EMOJI_STYLE || Character.isEmojiModifier(points[before])) {
      before--;
    }
    return before >= 0
        && Character.isExtendedPictographic(points[before])
        && isStyled(points, before);
  }

  /**
   * Whether an emoji is displayed as one: by default, or by the selector or the skin tone after it.
   * Sequences that differ only in a selector look alike, so that only one of them is accepted.
   */
  private static boolean isStyled(int[] points, int at) {
    int after = at + 1 < points.length ? points[at + 1] : 0;
    return Character.isEmojiPresentation(points[at])
        ? after != EMOJI_STYLE
        : after == EMOJI_STYLE || Character.isEmojiModifier(after);
  }

  private static boolean isStyleInSequence(int[] points, int at) {
    return (at + 1 < points.length && points[at + 1] == JOINER && isBetweenEmoji(points, at + 1))
        || (at > 1 && points[at - 2] == JOINER && isBetweenEmoji(points, at - 2));
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
   * Whether readers can hardly confuse the text with another. It is visible except for joiners as
   * in {@link #isPlainValue}, has no space at its ends and no two spaces in a row, equals its
   * normalization form KC, puts combining marks on letters and digits only, and mixes no scripts
   * that are not written together. Letters of two such scripts can still look alike, and a font can
   * display a sequence of emoji as single ones.
   */
  public static boolean isUnambiguous(String text) {
    String shown = withoutJoiners(text);
    if (!isVisible(shown) || text.startsWith(" ") || text.endsWith(" ") || text.contains("  ")) {
      return false;
    }
    return text.chars().allMatch(c -> c < 0x80)
        || (Normalizer.isNormalized(text, Normalizer.Form.NFKC)
            && marksHaveLetters(shown)
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

package tokenvending.text;

/**
 * Decides which characters may stand in a name that reaches Momento, a log or another user's
 * screen.
 */
public final class PlainText {
  private PlainText() {}

  /**
   * Whether the text is free of control, format, surrogate and separator characters (Unicode Cc,
   * Cf, Cs, Zl, Zp): those that break lines, reorder what a reader sees, or have no UTF-8 form.
   */
  public static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      switch (Character.getType(codePoint)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.SURROGATE,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR -> {
          return false;
        }
        default -> i += Character.charCount(codePoint);
      }
    }
    return true;
  }
}

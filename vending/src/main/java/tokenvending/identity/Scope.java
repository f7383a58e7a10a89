package tokenvending.identity;

import java.util.List;
import java.util.regex.Pattern;

/** Parses the claims {@code scope} and {@code scp}: words separated by spaces (RFC 8693 §4.2). */
public final class Scope {
  private static final Pattern SPACE = Pattern.compile(" ");

  private Scope() {}

  /** Whether a claim of this name, or at this path, holds words with spaces between them. */
  public static boolean isNameOf(String claim) {
    return claim.equals("scope")
        || claim.equals("scp")
        || claim.endsWith(".scope")
        || claim.endsWith(".scp");
  }

  /** Returns the words of a claim; none is empty. */
  public static List<String> words(String text) {
    return SPACE.splitAsStream(text).filter(word -> !word.isEmpty()).toList();
  }
}

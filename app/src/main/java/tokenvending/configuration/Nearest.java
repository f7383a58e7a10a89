package tokenvending.configuration;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known word that is closest to a misspelled one. */
public final class Nearest {
  /** Longer texts are not misspelled keys. */
  private static final int LONGEST = 40;

  private Nearest() {}

  /** Returns the closest word; empty if none is close. */
  public static Optional<String> of(String written, Collection<String> words) {
    if (written.length() > LONGEST) {
      return Optional.empty();
    }
    String plain = plain(written);
    return words.stream()
        .filter(word -> distance(plain, plain(word)) <= Math.max(1, word.length() / 3))
        .min(Comparator.comparingInt(word -> distance(plain, plain(word))));
  }

  private static String plain(String word) {
    return word.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  /** Returns the Levenshtein distance: letters to add, remove or change. */
  private static int distance(String one, String other) {
    int[] before = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      before[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] now = new int[other.length() + 1];
      now[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int change = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        now[j] = Math.min(change, Math.min(now[j - 1], before[j]) + 1);
      }
      before = now;
    }
    return before[other.length()];
  }
}

package tokenvending.server.cli;

import java.time.Duration;

/** Formats durations and counts for people. */
final class DisplayFormat {
  private DisplayFormat() {}

  /** Returns for example {@code 1h}, {@code 1h 30m} or {@code 45s}. */
  static String of(Duration duration) {
    long seconds = duration.toSeconds();
    StringBuilder words = new StringBuilder();
    append(words, seconds / 86_400, "d");
    append(words, seconds / 3_600 % 24, "h");
    append(words, seconds / 60 % 60, "m");
    append(words, seconds % 60, "s");
    return words.isEmpty() ? "0s" : words.toString();
  }

  /** Returns for example {@code 1 rule} or {@code 2 rules}. */
  static String count(int number, String thing) {
    return number + " " + thing + (number == 1 ? "" : "s");
  }

  private static void append(StringBuilder words, long number, String unit) {
    if (number > 0) {
      words.append(words.isEmpty() ? "" : " ").append(number).append(unit);
    }
  }
}

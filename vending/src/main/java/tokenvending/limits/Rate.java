package tokenvending.limits;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rate limit: a burst of {@code count} requests, and {@code count} more in each {@code per},
 * evenly spread.
 */
public record Rate(int count, Duration per) {
  /** The highest count that can be configured. */
  public static final int HIGHEST = 1_000_000;

  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,6})/([smh])");

  public Rate {
    if (count < 1
        || count > HIGHEST
        || per.compareTo(Duration.ofSeconds(1)) < 0
        || per.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("a rate is 1 to " + HIGHEST + " in 1 s to 1 day");
    }
  }

  /** Returns the rate multiplied by a factor, with a count of at most {@link #HIGHEST}. */
  public Rate times(int factor) {
    return new Rate(Math.toIntExact(Math.min(HIGHEST, (long) count * factor)), per);
  }

  /** Parses {@code N/s}, {@code N/m} or {@code N/h}. */
  public static Optional<Rate> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || Integer.parseInt(form.group(1)) > HIGHEST) {
      return Optional.empty();
    }
    Duration per =
        switch (form.group(2)) {
          case "s" -> Duration.ofSeconds(1);
          case "m" -> Duration.ofMinutes(1);
          default -> Duration.ofHours(1);
        };
    return Optional.of(new Rate(Integer.parseInt(form.group(1)), per));
  }
}

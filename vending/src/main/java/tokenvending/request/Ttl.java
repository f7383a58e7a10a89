package tokenvending.request;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses a lifetime in a request: seconds ({@code 900}), or {@code 90s}, {@code 15m}, {@code 1h}.
 */
public final class Ttl {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,8})([smh]?)");

  private Ttl() {}

  /** Returns the lifetime, at least one second; empty for any other text. */
  public static Optional<Duration> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofSeconds(number);
        });
  }
}

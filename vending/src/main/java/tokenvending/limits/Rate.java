package tokenvending.limits;

import java.time.Duration;
import java.util.Set;

/**
 * So many in any window of that length.
 *
 * @param count at least one
 * @param per one second, one minute or one hour
 */
public record Rate(int count, Duration per) {
  private static final Set<Duration> WINDOWS =
      Set.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1));

  public Rate {
    if (count < 1 || !WINDOWS.contains(per)) {
      throw new IllegalArgumentException("a rate is at least one a second, a minute or an hour");
    }
  }
}

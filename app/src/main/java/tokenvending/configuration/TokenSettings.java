package tokenvending.configuration;

import java.time.Duration;

/**
 * {@code token}.
 *
 * @param ttl the token lifetime of a rule that sets none
 * @param withinSession whether a token expires with the JWT it was vended for
 */
public record TokenSettings(Duration ttl, boolean withinSession) {
  static final TokenSettings DEFAULT = new TokenSettings(Duration.ofHours(1), false);
}

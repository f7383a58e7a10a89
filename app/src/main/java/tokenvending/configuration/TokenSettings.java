package tokenvending.configuration;

import java.time.Duration;

/**
 * {@code token}.
 *
 * @param ttl the life of a token where its rule says nothing
 * @param withinSession whether a token ends with the JWT that it was given for
 */
public record TokenSettings(Duration ttl, boolean withinSession) {
  static final TokenSettings DEFAULT = new TokenSettings(Duration.ofHours(1), false);
}

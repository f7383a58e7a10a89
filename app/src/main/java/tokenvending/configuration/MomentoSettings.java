package tokenvending.configuration;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import tokenvending.limits.Rate;

/**
 * {@code momento}.
 *
 * @param apiKey absent in local use
 * @param endpoint required by v2 keys only
 * @param tokenService replaces the address that follows from key and endpoint; {@code http} to
 *     loopback only
 * @param budget the rate budget of the account
 * @param maxWait how long a caller can wait in the budget queue
 */
public record MomentoSettings(
    Optional<SecretReference> apiKey,
    Optional<MomentoEndpoint> endpoint,
    Optional<URI> tokenService,
    Rate budget,
    Duration maxWait) {
  static final MomentoSettings DEFAULT =
      new MomentoSettings(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          new Rate(5, Duration.ofSeconds(1)),
          Duration.ofSeconds(2));
}

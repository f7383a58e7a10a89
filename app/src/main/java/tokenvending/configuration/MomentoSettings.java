package tokenvending.configuration;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import tokenvending.limits.Rate;

/**
 * {@code momento}.
 *
 * @param apiKey absent in local use
 * @param endpoint needed by v2 keys only
 * @param tokenService in place of what key and endpoint say; {@code http} to loopback only
 * @param budget what the account may mint
 * @param maxWait how long a caller may queue for it
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

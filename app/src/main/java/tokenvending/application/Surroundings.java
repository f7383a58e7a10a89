package tokenvending.application;

import java.io.OutputStream;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import tokenvending.secret.Secret;

/**
 * What a machine takes from the process it runs in, so that nothing deeper looks it up.
 *
 * @param stdout where audit lines go unless the file says otherwise
 * @param nanoTime a clock that never steps
 * @param random cannot be guessed: it makes request ids too
 * @param local the Momento in this process, in local use
 */
public record Surroundings(
    Map<String, String> environment,
    OutputStream stdout,
    InstantSource clock,
    LongSupplier nanoTime,
    RandomGenerator random,
    Optional<LocalMomento> local) {
  public Surroundings {
    environment = Map.copyOf(environment);
  }

  /** A Momento on this machine: its key, and where it listens. */
  public record LocalMomento(Secret apiKey, URI address) {}
}

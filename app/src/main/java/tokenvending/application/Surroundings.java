package tokenvending.application;

import java.io.OutputStream;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import tokenvending.observation.Observer;
import tokenvending.secret.Secret;

/**
 * What a machine takes from the process it runs in, so that nothing deeper looks it up.
 *
 * @param stdout where audit lines go unless the file says otherwise
 * @param nanoTime a clock that never steps
 * @param random cannot be guessed: it makes request ids too
 * @param local the Momento in this process, in local use
 * @param states opens the state that several instances share
 * @param observer is told what happens
 */
public record Surroundings(
    Map<String, String> environment,
    OutputStream stdout,
    InstantSource clock,
    LongSupplier nanoTime,
    RandomGenerator random,
    Optional<LocalMomento> local,
    StateOpener states,
    Observer observer) {
  public Surroundings {
    environment = Map.copyOf(environment);
  }

  /** Without stores, and while nobody watches. */
  public Surroundings(
      Map<String, String> environment,
      OutputStream stdout,
      InstantSource clock,
      LongSupplier nanoTime,
      RandomGenerator random,
      Optional<LocalMomento> local) {
    this(environment, stdout, clock, nanoTime, random, local, StateOpener.none(), Observer.none());
  }

  /** A Momento on this machine: its key, and where it listens. */
  public record LocalMomento(Secret apiKey, URI address) {}
}

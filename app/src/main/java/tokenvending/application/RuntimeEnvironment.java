package tokenvending.application;

import java.io.OutputStream;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import tokenvending.momento.TokenServiceConnector;
import tokenvending.observation.Observer;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;

/**
 * The clock, randomness, environment variables, streams and clients that an application takes from
 * its process.
 *
 * @param stdout where audit lines go unless the file says otherwise
 * @param nanoTime a clock that never steps
 * @param random cannot be guessed: it makes request ids too
 * @param connector opens the way to Momento's token service
 * @param local the Momento in this process, in local use
 * @param states opens the state that several instances share
 * @param observer is told what happens
 * @param awsSecrets what {@code aws-secret:} names are looked up in
 */
public record RuntimeEnvironment(
    Map<String, String> environment,
    OutputStream stdout,
    InstantSource clock,
    LongSupplier nanoTime,
    RandomGenerator random,
    TokenServiceConnector connector,
    Optional<LocalMomento> local,
    StateOpener states,
    Observer observer,
    SecretStore awsSecrets) {
  public RuntimeEnvironment {
    environment = Map.copyOf(environment);
  }

  /** Without stores, off AWS, and without an observer. */
  public RuntimeEnvironment(
      Map<String, String> environment,
      OutputStream stdout,
      InstantSource clock,
      LongSupplier nanoTime,
      RandomGenerator random,
      TokenServiceConnector connector,
      Optional<LocalMomento> local) {
    this(
        environment,
        stdout,
        clock,
        nanoTime,
        random,
        connector,
        local,
        StateOpener.none(),
        Observer.none(),
        SecretStore.none());
  }

  /** With these stores to share state in. */
  public RuntimeEnvironment with(StateOpener stores) {
    return new RuntimeEnvironment(
        environment,
        stdout,
        clock,
        nanoTime,
        random,
        connector,
        local,
        stores,
        observer,
        awsSecrets);
  }

  /** With an observer. */
  public RuntimeEnvironment with(Observer watcher) {
    return new RuntimeEnvironment(
        environment,
        stdout,
        clock,
        nanoTime,
        random,
        connector,
        local,
        states,
        watcher,
        awsSecrets);
  }

  /** With these secrets to look {@code aws-secret:} names up in. */
  public RuntimeEnvironment with(SecretStore secrets) {
    return new RuntimeEnvironment(
        environment, stdout, clock, nanoTime, random, connector, local, states, observer, secrets);
  }

  /** A Momento on this machine: its key, and where it listens. */
  public record LocalMomento(Secret apiKey, URI address) {}
}

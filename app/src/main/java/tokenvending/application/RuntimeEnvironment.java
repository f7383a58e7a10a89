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
 * The clock, randomness, environment variables, streams and clients of a process.
 *
 * @param stdout the default target of the audit log
 * @param nanoTime a monotonic clock
 * @param random cryptographically secure; also creates request ids
 * @param connector opens connections to Momento's token service
 * @param local momento-local in this process, in local use
 * @param states opens the shared state
 * @param observer receives metrics
 * @param awsSecrets finds the secrets of {@code aws-secret:} references
 * @param frozenBetweenRequests whether the process is suspended between requests, as a function is
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
    SecretStore awsSecrets,
    boolean frozenBetweenRequests) {
  public RuntimeEnvironment {
    environment = Map.copyOf(environment);
  }

  /** An environment without stores, AWS secrets and observer. */
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
        SecretStore.none(),
        false);
  }

  /** Returns a copy that opens shared state with these stores. */
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
        awsSecrets,
        frozenBetweenRequests);
  }

  /** Returns a copy with this observer. */
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
        awsSecrets,
        frozenBetweenRequests);
  }

  /** Returns a copy with these AWS secrets. */
  public RuntimeEnvironment with(SecretStore secrets) {
    return new RuntimeEnvironment(
        environment,
        stdout,
        clock,
        nanoTime,
        random,
        connector,
        local,
        states,
        observer,
        secrets,
        frozenBetweenRequests);
  }

  /** Returns a copy for a process that is suspended between requests. */
  public RuntimeEnvironment ofFunction() {
    return new RuntimeEnvironment(
        environment,
        stdout,
        clock,
        nanoTime,
        random,
        connector,
        local,
        states,
        observer,
        awsSecrets,
        true);
  }

  /** A momento-local: its API key and address. */
  public record LocalMomento(Secret apiKey, URI address) {}
}

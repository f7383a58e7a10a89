package tokenvending.application;

import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.configuration.MomentoEndpoint;
import tokenvending.configuration.MomentoSettings;
import tokenvending.configuration.SecretReader;
import tokenvending.configuration.SecretReference;
import tokenvending.momento.ApiKeySource;
import tokenvending.momento.KeyReading;
import tokenvending.momento.MomentoApiKey;
import tokenvending.observation.Input;
import tokenvending.observation.ReloadState;
import tokenvending.observation.ReloadState.Reload;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;

/**
 * Reads the API key from its reference in the file, each time anew. A failure is logged once for
 * each cause, and so is the recovery.
 */
public final class ConfiguredApiKey implements ApiKeySource {
  private static final Logger LOG = LoggerFactory.getLogger(ConfiguredApiKey.class);

  private final ReloadState state;
  private final Optional<SecretReference> reference;
  private final Optional<String> endpoint;
  private final SecretReader secrets;

  public ConfiguredApiKey(
      MomentoSettings settings,
      Map<String, String> environment,
      SecretStore awsSecrets,
      InstantSource clock) {
    this.state = new ReloadState(Input.API_KEY, clock);
    this.reference = settings.apiKey();
    this.endpoint = settings.endpoint().flatMap(endpoint -> host(endpoint, environment));
    this.secrets = new SecretReader(environment, awsSecrets);
  }

  @Override
  public KeyReading read() {
    KeyReading found = reading();
    switch (found) {
      case KeyReading.Usable usable -> {
        if (state.succeeded()) {
          LOG.atInfo().log("the API key can be read again");
        }
      }
      case KeyReading.Unusable(String problem) -> {
        boolean stays = state.now().lastSuccess().isPresent();
        if (state.failed(problem)) {
          LOG.atError()
              .addKeyValue("problem", problem)
              .log(
                  stays
                      ? "the API key cannot be read; the last one stays in use"
                      : "the API key cannot be read");
        }
      }
    }
    return found;
  }

  @Override
  public Optional<Reload> reload() {
    return Optional.of(state.now());
  }

  private KeyReading reading() {
    if (reference.isEmpty()) {
      return new KeyReading.Unusable("the file names no API key");
    }
    return switch (secrets.read(reference.get())) {
      case SecretReader.Reading.Value(Secret key) -> MomentoApiKey.parse(key, endpoint);
      case SecretReader.Reading.Missing(String problem) -> new KeyReading.Unusable(problem);
      case SecretReader.Reading.Unreadable(String problem) -> new KeyReading.Unusable(problem);
    };
  }

  /** Returns why the key can never be used without a change of configuration; empty if it can. */
  public Optional<String> configurationError() {
    return reference.filter(SecretReference.Environment.class::isInstance).isPresent()
            && reading() instanceof KeyReading.Unusable(String problem)
        ? Optional.of(problem)
        : Optional.empty();
  }

  private static Optional<String> host(MomentoEndpoint endpoint, Map<String, String> environment) {
    return switch (endpoint) {
      case MomentoEndpoint.Literal(String host) -> Optional.of(host);
      case MomentoEndpoint.Environment(SecretReference.Environment(String name)) ->
          Optional.ofNullable(environment.get(name)).filter(host -> !host.isBlank());
    };
  }
}

package tokenvending.application;

import java.util.Map;
import java.util.Optional;
import tokenvending.configuration.MomentoEndpoint;
import tokenvending.configuration.MomentoSettings;
import tokenvending.configuration.SecretReader;
import tokenvending.configuration.SecretReference;
import tokenvending.momento.ApiKeySource;
import tokenvending.momento.KeyReading;
import tokenvending.momento.MomentoApiKey;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;

/** The API key that the file refers to, read anew each time. */
public final class ConfiguredApiKey implements ApiKeySource {
  private final Optional<SecretReference> reference;
  private final Optional<String> endpoint;
  private final SecretReader secrets;

  public ConfiguredApiKey(
      MomentoSettings settings, Map<String, String> environment, SecretStore awsSecrets) {
    this.reference = settings.apiKey();
    this.endpoint = settings.endpoint().flatMap(endpoint -> host(endpoint, environment));
    this.secrets = new SecretReader(environment, awsSecrets);
  }

  @Override
  public KeyReading read() {
    if (reference.isEmpty()) {
      return new KeyReading.Unusable("the file names no API key");
    }
    return switch (secrets.read(reference.get())) {
      case SecretReader.Reading.Value(Secret key) -> MomentoApiKey.parse(key, endpoint);
      case SecretReader.Reading.Missing(String problem) -> new KeyReading.Unusable(problem);
      case SecretReader.Reading.Unreadable(String problem) -> new KeyReading.Unusable(problem);
    };
  }

  /** Why it will never be usable, however long one waits; empty where it is, or could become so. */
  public Optional<String> hopeless() {
    return reference.filter(SecretReference.Environment.class::isInstance).isPresent()
            && read() instanceof KeyReading.Unusable(String problem)
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

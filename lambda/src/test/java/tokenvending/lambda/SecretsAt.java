package tokenvending.lambda;

import java.util.Map;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;

/** Secrets that a test keeps in a map. */
final class SecretsAt {
  private SecretsAt() {}

  static SecretStore of(Map<String, String> secrets) {
    return name -> {
      String value = secrets.get(name);
      return value == null
          ? new SecretStore.Lookup.Unreadable("no such secret")
          : new SecretStore.Lookup.Found(Secret.of(value));
    };
  }
}

package tokenvending.aws;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import tokenvending.aws.JsonService.Response;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;
import tokenvending.text.Json;
import tokenvending.text.JsonObject;

/**
 * AWS Secrets Manager: a secret's current version, as text. Region and credentials come from where
 * the AWS SDK finds them (environment, profile, container or instance role). Nothing is read or
 * connected before the first look-up.
 *
 * <p>Not the extension that caches secrets for Lambda functions: that one wants the session token
 * from the environment, where a function restored from a snapshot has none.
 */
public final class SecretsManagerStore implements SecretStore {
  private static final String GET = "secretsmanager.GetSecretValue";

  /** For a silence, and for a response's body; a look-up is two requests at most. */
  private static final Duration TIMEOUT = Duration.ofMillis(1_500);

  private final JsonService service;

  /**
   * Sends nothing yet.
   *
   * @param clock dates signatures
   * @param nanoTime a clock that never steps
   */
  public SecretsManagerStore(InstantSource clock, LongSupplier nanoTime) {
    this.service = new JsonService(JsonService.Service.SECRETS_MANAGER, TIMEOUT, clock, nanoTime);
  }

  @Override
  public Lookup find(String name) {
    try {
      Response response = service.callTwice(GET, request(name));
      if (response.status() != 200) {
        return unreadable(name, response.error());
      }
      return Json.object(response.body())
          .flatMap(members -> members.text("SecretString"))
          .map(String::strip)
          .filter(text -> !text.isEmpty())
          .<Lookup>map(text -> new Lookup.Found(Secret.of(text)))
          .orElseGet(() -> unreadable(name, "it holds no text"));
    } catch (IOException e) {
      // Not its message: the kind says enough, and a message may name more than we want to log.
      return unreadable(name, e.getClass().getSimpleName());
    }
  }

  private static byte[] request(String name) {
    return new JsonObject().text("SecretId", name).utf8();
  }

  private static Lookup unreadable(String name, String why) {
    return new Lookup.Unreadable("the AWS secret " + name + " cannot be read (" + why + ")");
  }

  @Override
  public void prime() {
    try {
      service.prime(GET, request("nothing"));
    } catch (IOException e) {
      // Then the first request loads what it needs.
    }
  }

  @Override
  public void disconnect() {
    service.disconnect();
  }
}

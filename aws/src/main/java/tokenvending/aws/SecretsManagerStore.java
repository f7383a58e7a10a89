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
 * Secrets in AWS Secrets Manager: the current version, as text. Region and credentials come from
 * the sources of AWS's SDK (environment, profile, container or instance role). Connects with the
 * first look-up.
 *
 * <p>It does not use the Lambda extension that caches secrets: that one reads the session token
 * from the environment, where a function restored from a snapshot has none.
 */
public final class SecretsManagerStore implements SecretStore {
  private static final String GET = "secretsmanager.GetSecretValue";

  /** The timeout for a response and for its body; a look-up makes two requests at most. */
  private static final Duration TIMEOUT = Duration.ofMillis(1_500);

  private final JsonService service;

  /**
   * Does not connect.
   *
   * @param clock dates signatures
   * @param nanoTime a monotonic clock
   */
  public SecretsManagerStore(InstantSource clock, LongSupplier nanoTime) {
    this.service = new JsonService(JsonService.Service.SECRETS_MANAGER, TIMEOUT, clock, nanoTime);
  }

  @Override
  public Lookup find(String name) {
    try {
      Response response = service.callTwice(GET, request(name));
      if (response.status() != 200) {
        return unreadable(
            name,
            response.body().contains("KMS")
                ? response.error() + ", the role has no access to its KMS key"
                : response.error());
      }
      return Json.object(response.body())
          .flatMap(members -> members.text("SecretString"))
          .map(String::strip)
          .filter(text -> !text.isEmpty())
          .<Lookup>map(text -> new Lookup.Found(Secret.of(text)))
          .orElseGet(() -> unreadable(name, "it holds no text"));
    } catch (IOException e) {
      // The type is enough; the message can contain data that must not be logged.
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
      // The first request then loads its classes.
    }
  }

  @Override
  public void disconnect() {
    service.disconnect();
  }
}

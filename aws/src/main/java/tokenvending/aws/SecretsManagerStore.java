package tokenvending.aws;

import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueRequest;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;

/**
 * AWS Secrets Manager: a secret's current version, as text. Region and credentials come from where
 * the AWS SDK finds them (environment, profile, container or instance role). Nothing is read or
 * connected before the first question.
 *
 * <p>The SDK, and not the extension that caches secrets for Lambda functions: that one wants the
 * session token from the environment, where a function restored from a snapshot has none.
 */
public final class SecretsManagerStore implements SecretStore {
  /** A caller is waiting, for ten seconds at most. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration ATTEMPT = Duration.ofMillis(1_500);

  private final Object lock = new Object();
  private Optional<SecretsManagerClient> client = Optional.empty();

  @Override
  public Lookup find(String name) {
    try {
      String text =
          client()
              .getSecretValue(GetSecretValueRequest.builder().secretId(name).build())
              .secretString();
      return text == null || text.isBlank()
          ? unreadable(name, "it holds no text")
          : new Lookup.Found(Secret.of(text.strip()));
    } catch (AwsServiceException e) {
      AwsErrorDetails details = e.awsErrorDetails();
      return unreadable(name, details == null ? "status " + e.statusCode() : details.errorCode());
    } catch (SdkException e) {
      // Not its message: the kind says enough, and a message may name more than we want to log.
      return unreadable(name, e.getClass().getSimpleName());
    }
  }

  private static Lookup unreadable(String name, String why) {
    return new Lookup.Unreadable("the AWS secret " + name + " cannot be read (" + why + ")");
  }

  private SecretsManagerClient client() {
    synchronized (lock) {
      SecretsManagerClient open = client.orElseGet(SecretsManagerStore::connect);
      client = Optional.of(open);
      return open;
    }
  }

  private static SecretsManagerClient connect() {
    return SecretsManagerClient.builder()
        .httpClientBuilder(
            UrlConnectionHttpClient.builder().connectionTimeout(ATTEMPT).socketTimeout(ATTEMPT))
        .overrideConfiguration(
            settings -> settings.apiCallTimeout(PATIENCE).apiCallAttemptTimeout(ATTEMPT))
        .build();
  }

  @Override
  public void disconnect() {
    synchronized (lock) {
      client.ifPresent(SecretsManagerClient::close);
      client = Optional.empty();
    }
  }
}

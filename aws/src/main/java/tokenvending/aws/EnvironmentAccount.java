package tokenvending.aws;

import java.util.Map;
import java.util.Optional;

/**
 * Region and credentials as Lambda tells them to a function that was not restored from a snapshot.
 * The SDK would find them, too, but takes a tenth of a second to look.
 */
record EnvironmentAccount(String region, Credentials credentials) implements Account {
  /** Empty where the environment does not tell all, or a system property may tell otherwise. */
  static Optional<Account> find(Map<String, String> environment) {
    String region = environment.getOrDefault("AWS_REGION", "");
    String id = environment.getOrDefault("AWS_ACCESS_KEY_ID", "");
    String secret = environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "");
    boolean all = !region.isBlank() && !id.isBlank() && !secret.isBlank();
    boolean elsewhere =
        System.getProperty("aws.accessKeyId") != null || System.getProperty("aws.region") != null;
    if (!all || elsewhere) {
      return Optional.empty();
    }
    Optional<String> session =
        Optional.ofNullable(environment.get("AWS_SESSION_TOKEN")).filter(text -> !text.isBlank());
    return Optional.of(
        new EnvironmentAccount(
            region.strip(), new Credentials(id.strip(), secret.strip(), session)));
  }

  @Override
  public void close() {}
}

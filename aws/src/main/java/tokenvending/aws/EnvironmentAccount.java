package tokenvending.aws;

import java.util.List;
import java.util.Optional;

/**
 * Region and credentials from the environment of this process, where Lambda sets them for a
 * function that was not restored from a snapshot. The SDK finds them too, but takes a tenth of a
 * second.
 */
record EnvironmentAccount(String region, Credentials credentials) implements Account {
  private static final List<String> PROPERTIES =
      List.of("aws.accessKeyId", "aws.secretAccessKey", "aws.sessionToken");

  /**
   * Empty if one is missing, or if system properties set credentials: they take precedence, and
   * must not be mixed with the environment's.
   */
  static Optional<Account> find(AwsSettings settings) {
    Optional<String> region = settings.find("aws.region", "AWS_REGION");
    Optional<String> id = settings.variable("AWS_ACCESS_KEY_ID");
    Optional<String> secret = settings.variable("AWS_SECRET_ACCESS_KEY");
    if (region.isEmpty()
        || id.isEmpty()
        || secret.isEmpty()
        || PROPERTIES.stream().anyMatch(settings::hasProperty)) {
      return Optional.empty();
    }
    return Optional.of(
        new EnvironmentAccount(
            region.get(),
            new Credentials(id.get(), secret.get(), settings.variable("AWS_SESSION_TOKEN"))));
  }

  @Override
  public void close() {}
}

package tokenvending.aws;

import java.util.List;
import java.util.Optional;

/**
 * Region and credentials that the environment of this process tells, as Lambda tells them to a
 * function that was not restored from a snapshot. The SDK would find them, too, but takes a tenth
 * of a second to look.
 */
record EnvironmentAccount(String region, Credentials credentials) implements Account {
  private static final List<String> PROPERTIES =
      List.of("aws.accessKeyId", "aws.secretAccessKey", "aws.sessionToken");

  /**
   * Empty where not all is told, and where a property tells of credentials: they come before the
   * environment's, and a key of the one with a session of the other is nobody's.
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

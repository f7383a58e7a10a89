package tokenvending.aws;

import java.util.Optional;

/**
 * Region and credentials that this process is told, as Lambda tells them to a function that was not
 * restored from a snapshot. The SDK would find them, too, but takes a tenth of a second to look.
 */
record EnvironmentAccount(String region, Credentials credentials) implements Account {
  /** Empty where not all is told. */
  static Optional<Account> find(AwsSettings settings) {
    Optional<String> region = settings.find("aws.region", "AWS_REGION");
    Optional<String> id = settings.find("aws.accessKeyId", "AWS_ACCESS_KEY_ID");
    Optional<String> secret = settings.find("aws.secretAccessKey", "AWS_SECRET_ACCESS_KEY");
    if (region.isEmpty() || id.isEmpty() || secret.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new EnvironmentAccount(
            region.get(),
            new Credentials(
                id.get(), secret.get(), settings.find("aws.sessionToken", "AWS_SESSION_TOKEN"))));
  }

  @Override
  public void close() {}
}

package tokenvending.aws;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;
import tokenvending.aws.DynamoDbLink.Pulse;
import tokenvending.testing.DynamoDbProcess;

/** States in a table on this machine. */
final class AtLoopback {
  private AtLoopback() {}

  static Consumer<DynamoDbClientBuilder> settings(URI address) {
    return builder ->
        builder
            .endpointOverride(address)
            .region(Region.US_WEST_2)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create("AKIDEXAMPLE", "example")));
  }

  /** As a server has it. */
  static DynamoDbState state(DynamoDbProcess store, String prefix) {
    return state(store, prefix, InstantSource.system(), Pulse.YES, DynamoDbLink.PATIENCE);
  }

  static DynamoDbState state(
      DynamoDbProcess store, String prefix, InstantSource clock, Pulse pulse, Duration patience) {
    return DynamoDbState.open(
        DynamoDbProcess.TABLE,
        prefix,
        settings(store.address()),
        clock,
        new ClockCheck(clock),
        System::nanoTime,
        pulse,
        patience);
  }

  /** A line that is new stays closed for some time, except where somebody says that it is old. */
  static void openLine(DynamoDbProcess store, String prefix) {
    DynamoDbClientBuilder builder = DynamoDbClient.builder();
    settings(store.address()).accept(builder);
    try (DynamoDbClient client =
        builder.httpClientBuilder(UrlConnectionHttpClient.builder()).build()) {
      new SlotsItem(DynamoDbProcess.TABLE, Items.key(prefix + DynamoDbLine.SLOTS))
          .create(client, 1, 0);
    }
  }

  /** By a clock of the test's, which does not let time pass for calls that are slow. */
  static DynamoDbState state(DynamoDbProcess store, String prefix, InstantSource clock) {
    return DynamoDbState.open(
        DynamoDbProcess.TABLE,
        prefix,
        settings(store.address()),
        clock,
        new ClockCheck(InstantSource.system()),
        System::nanoTime,
        Pulse.NO,
        Duration.ofSeconds(10));
  }

  /** A clock that goes before, or after where that is negative. */
  static InstantSource ahead(Duration by) {
    return () -> InstantSource.system().instant().plus(by);
  }
}

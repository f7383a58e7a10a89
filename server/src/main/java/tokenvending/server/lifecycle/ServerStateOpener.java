package tokenvending.server.lifecycle;

import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import tokenvending.application.StateOpener;
import tokenvending.aws.DynamoDbState;
import tokenvending.configuration.SecretReader;
import tokenvending.configuration.SecretReference;
import tokenvending.configuration.StateSettings;
import tokenvending.redis.RedisState;
import tokenvending.secret.Secret;
import tokenvending.secret.SecretStore;
import tokenvending.state.SharedState;

/** Opens the shared state that the server supports: memory, Redis or DynamoDB. */
public final class ServerStateOpener implements StateOpener {
  private final Map<String, String> environment;
  private final InstantSource clock;

  public ServerStateOpener(Map<String, String> environment, InstantSource clock) {
    this.environment = Map.copyOf(environment);
    this.clock = clock;
  }

  @Override
  public SharedState open(StateSettings settings, LongSupplier nanoTime) {
    return switch (settings) {
      case StateSettings.Memory memory -> throw new IllegalStateException("needs no store");
      case StateSettings.Redis(var address) ->
          RedisState.open(Secret.of(address.toString()), nanoTime);
      case StateSettings.RedisAt(var reference) ->
          RedisState.open(
              value(reference)
                  .orElseThrow(() -> new IllegalStateException("checked at the start: not set")),
              nanoTime);
      case StateSettings.DynamoDb(var table) ->
          DynamoDbState.open(
              table.orElseThrow(() -> new IllegalStateException("checked at the start: no table")),
              clock,
              nanoTime);
    };
  }

  @Override
  public Optional<String> configurationError(StateSettings settings) {
    return switch (settings) {
      case StateSettings.Memory memory -> Optional.empty();
      case StateSettings.Redis(var address) -> RedisState.problem(Secret.of(address.toString()));
      case StateSettings.RedisAt(var reference) ->
          value(reference)
              .flatMap(RedisState::problem)
              .map(problem -> "the environment variable " + reference.name() + ": " + problem);
      case StateSettings.DynamoDb(var table) ->
          table.isPresent()
              ? Optional.empty()
              : Optional.of(
                  "dynamodb without a name is for deployments on AWS, which make the table: write"
                      + " dynamodb:TABLE");
    };
  }

  private Optional<Secret> value(SecretReference.Environment reference) {
    return switch (new SecretReader(environment, SecretStore.none()).read(reference)) {
      case SecretReader.Reading.Value(Secret secret) -> Optional.of(secret);
      case SecretReader.Reading.Missing missing -> Optional.empty();
      case SecretReader.Reading.Unreadable unreadable -> Optional.empty();
    };
  }
}

package tokenvending.lambda;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import tokenvending.application.StateOpener;
import tokenvending.aws.DynamoDbState;
import tokenvending.configuration.StateSettings;
import tokenvending.state.SharedState;

/** Opens the shared state in DynamoDB, the only store that a function supports. */
final class FunctionStateOpener implements StateOpener {
  private final InstantSource clock;

  FunctionStateOpener(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public SharedState open(StateSettings settings, LongSupplier nanoTime) {
    return switch (settings) {
      case StateSettings.DynamoDb(Optional<String> table) ->
          DynamoDbState.openLazily(table.orElseThrow(), clock, nanoTime);
      case StateSettings.Memory memory -> throw new IllegalStateException("needs no store");
      case StateSettings.Redis redis -> throw new IllegalStateException("no such store here");
      case StateSettings.RedisAt redis -> throw new IllegalStateException("no such store here");
    };
  }

  @Override
  public Optional<String> configurationError(StateSettings settings) {
    return switch (settings) {
      case StateSettings.Memory memory -> Optional.empty();
      case StateSettings.DynamoDb(Optional<String> table) ->
          table.isPresent()
              ? Optional.empty()
              : Optional.of("TVM_STATE has no table: expected dynamodb:TABLE");
      case StateSettings.Redis redis -> noRedis();
      case StateSettings.RedisAt redis -> noRedis();
    };
  }

  @Override
  public void prime(StateSettings settings) {
    if (settings instanceof StateSettings.DynamoDb) {
      DynamoDbState.prime(clock, System::nanoTime);
    }
  }

  private static Optional<String> noRedis() {
    return Optional.of("the functions have no Redis client: expected dynamodb:TABLE");
  }
}

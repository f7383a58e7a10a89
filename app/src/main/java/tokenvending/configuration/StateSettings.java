package tokenvending.configuration;

import java.net.URI;
import java.util.Optional;

/** {@code state}: where budget, limits and token reuse are stored. */
public sealed interface StateSettings {
  /** In this process. */
  record Memory() implements StateSettings {}

  /** In Valkey or Redis; the address contains no password. */
  record Redis(URI address) implements StateSettings {}

  /** In Valkey or Redis; an environment variable contains the address, and possibly a password. */
  record RedisAt(SecretReference.Environment address) implements StateSettings {}

  /**
   * In DynamoDB.
   *
   * @param table absent if the deployment supplies it
   */
  record DynamoDb(Optional<String> table) implements StateSettings {}
}

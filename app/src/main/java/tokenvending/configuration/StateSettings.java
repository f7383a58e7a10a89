package tokenvending.configuration;

import java.net.URI;
import java.util.Optional;

/** {@code state}: where budget, limits and token reuse are shared. */
public sealed interface StateSettings {
  /** In this process. */
  record Memory() implements StateSettings {}

  /** Valkey or Redis; the address holds no password. */
  record Redis(URI address) implements StateSettings {}

  /** Valkey or Redis; an environment variable holds the address, and maybe a password. */
  record RedisAt(SecretReference.Environment address) implements StateSettings {}

  /**
   * DynamoDB.
   *
   * @param table absent where it is the deployment's own
   */
  record DynamoDb(Optional<String> table) implements StateSettings {}
}

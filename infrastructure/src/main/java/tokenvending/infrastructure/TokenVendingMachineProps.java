package tokenvending.infrastructure;

import java.nio.file.Path;
import java.util.Optional;
import software.amazon.awscdk.services.secretsmanager.ISecret;

/**
 * The properties of a {@link TokenVendingMachineConstruct}.
 *
 * @param file what it vends, to whom, and how it is deployed (section {@code aws})
 * @param built the build folder of {@code lambda/}
 * @param staging the parent folder of deployment packages
 * @param momentoApiKey a secret whose text is the API key
 * @param momentoEndpoint the cell of a v2 key; can be a CloudFormation parameter, empty for v1 keys
 * @param demoUsers whether the stack's own user pool has demo users
 */
public record TokenVendingMachineProps(
    DeployableFile file,
    Path built,
    Path staging,
    ISecret momentoApiKey,
    Optional<String> momentoEndpoint,
    boolean demoUsers) {
  /** For a v1 key, without demo users. */
  public static TokenVendingMachineProps of(
      DeployableFile file, Path built, Path staging, ISecret momentoApiKey) {
    return new TokenVendingMachineProps(
        file, built, staging, momentoApiKey, Optional.empty(), false);
  }
}

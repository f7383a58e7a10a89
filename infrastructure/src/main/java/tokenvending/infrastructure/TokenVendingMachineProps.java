package tokenvending.infrastructure;

import java.nio.file.Path;
import java.util.Optional;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.sns.ITopic;

/**
 * The properties of a {@link TokenVendingMachineConstruct}.
 *
 * @param file the policy file
 * @param built the build folder of {@code lambda/}
 * @param staging the parent folder of deployment packages
 * @param momentoApiKey a secret whose text is the API key
 * @param momentoEndpoint the cell of a v2 key; can be a CloudFormation parameter, empty for v1 keys
 * @param alarmTopic receives alarms
 * @param accessTokens whether Cognito access tokens are accepted in addition to ID tokens
 * @param demoUsers whether the stack's own user pool has demo users
 * @param gatewayLogRole whether to let API Gateway write logs in this account and region, which one
 *     stack must do
 * @param waf the requests per minute that AWS WAF allows from one address, at least 10; empty: no
 *     WAF
 */
public record TokenVendingMachineProps(
    DeployableFile file,
    Path built,
    Path staging,
    ISecret momentoApiKey,
    Optional<String> momentoEndpoint,
    Optional<ITopic> alarmTopic,
    boolean accessTokens,
    boolean demoUsers,
    boolean gatewayLogRole,
    Optional<Integer> waf) {
  /** The default: no alarms, ID tokens only, no demo users, no WAF. */
  public static TokenVendingMachineProps of(
      DeployableFile file, Path built, Path staging, ISecret momentoApiKey) {
    return new TokenVendingMachineProps(
        file,
        built,
        staging,
        momentoApiKey,
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        true,
        Optional.empty());
  }
}

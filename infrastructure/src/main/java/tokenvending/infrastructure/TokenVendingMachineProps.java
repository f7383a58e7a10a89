package tokenvending.infrastructure;

import java.nio.file.Path;
import java.util.Optional;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.sns.ITopic;

/**
 * The properties of a {@link TokenVendingMachineConstruct}.
 *
 * @param file what it vends, to whom
 * @param built the folder that the build of {@code lambda/} leaves
 * @param staging where the code to deploy is put together
 * @param momentoApiKey holds the API key itself as its text
 * @param momentoEndpoint the cell of a v2 key; may be a CloudFormation parameter, empty for v1 keys
 * @param alarmTopic hears of alarms
 * @param accessTokens whether Cognito's access tokens are taken beside its ID tokens
 * @param demoUsers whether the stack's own user pool gets users to try it with
 * @param gatewayLogRole whether to let API Gateway of this account and region write logs, which is
 *     needed once; a second stack may leave it to the first
 * @param waf how many requests a minute AWS WAF lets through from one address, 10 or more; empty:
 *     no WAF
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
  /** The usual: no alarms sent, ID tokens, no demo users, no WAF. */
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

package tokenvending.configuration;

import java.util.List;
import java.util.Optional;
import tokenvending.policy.DenyRule;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;

/**
 * The content of {@code tvm.yaml}. Every value is checked; credentials are references that have not
 * been read.
 *
 * @param authentication in the order of the file
 * @param policy compiled from the document
 * @param deny the entries that deny callers before the policy decides
 * @param blocks where the list of blocked callers is, if there is one
 * @param maxInstances the most instances that share the state, if the file limits them
 */
public record Configuration(
    TokenSettings token,
    List<AuthenticationSettings> authentication,
    PolicyDocument policyDocument,
    Policy policy,
    List<DenyRule> deny,
    Optional<BlockSettings> blocks,
    LimitSettings limits,
    MomentoSettings momento,
    StateSettings state,
    Optional<Integer> maxInstances,
    CorsSettings cors,
    AuditSettings audit,
    ServerSettings server,
    AwsOptions aws) {
  public Configuration {
    authentication = List.copyOf(authentication);
    deny = List.copyOf(deny);
  }
}

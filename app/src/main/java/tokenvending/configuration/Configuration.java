package tokenvending.configuration;

import java.util.List;
import java.util.Optional;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;

/**
 * The content of {@code tvm.yaml}. Every value is checked; credentials are references that have not
 * been read.
 *
 * @param authentication in the order of the file
 * @param policy compiled from the document
 * @param maxInstances the most instances that share the state, if the file limits them
 */
public record Configuration(
    TokenSettings token,
    List<AuthenticationSettings> authentication,
    PolicyDocument policyDocument,
    Policy policy,
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
  }
}

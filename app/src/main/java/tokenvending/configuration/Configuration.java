package tokenvending.configuration;

import java.util.List;
import java.util.Optional;
import tokenvending.policy.Policy;
import tokenvending.policy.PolicyDocument;

/**
 * What {@code tvm.yaml} says. Every value is checked; a credential is a reference that has not been
 * followed.
 *
 * @param authentication in the order of the file
 * @param policy compiled from the document
 * @param maxInstances how many share the state, where the file says so
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
    ServerSettings server) {
  public Configuration {
    authentication = List.copyOf(authentication);
  }
}

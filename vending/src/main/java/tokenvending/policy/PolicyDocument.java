package tokenvending.policy;

import java.time.Duration;
import java.util.List;
import tokenvending.request.DeclaredParameters;

/**
 * The policy part of {@code tvm.yaml}, parsed but not yet compiled.
 *
 * @param ttl the token lifetime of a rule that sets none
 * @param withinSession whether a token expires with the credential it was vended for
 */
public record PolicyDocument(
    List<AuthenticationMethod> methods,
    DeclaredParameters parameters,
    Duration ttl,
    boolean withinSession,
    List<RuleDocument> rules) {
  public PolicyDocument {
    methods = List.copyOf(methods);
    rules = List.copyOf(rules);
  }

  /** Returns a fingerprint: equal for equal policies in every process, and different otherwise. */
  public String version() {
    return PolicyFingerprint.of(this).text();
  }
}

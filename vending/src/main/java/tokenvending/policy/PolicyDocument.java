package tokenvending.policy;

import java.time.Duration;
import java.util.List;
import tokenvending.request.DeclaredParameters;

/**
 * The part of {@code tvm.yaml} that decides who gets what, read but not yet checked for meaning.
 *
 * @param ttl the life of a token where its rule says nothing
 * @param withinSession whether a token ends with the credential it was given for
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

  /** A fingerprint: the same in every process that reads the same policy, and for no other. */
  public String version() {
    return PolicyFingerprint.of(this).text();
  }
}

package tokenvending.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One entry under {@code rules}, as written. */
public record RuleDocument(
    String id,
    ConditionDocument when,
    Optional<Duration> ttl,
    Optional<String> tokenId,
    Reuse reuse,
    List<PermissionDocument> permissions) {
  public RuleDocument {
    permissions = List.copyOf(permissions);
  }
}

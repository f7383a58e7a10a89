package tokenvending.auditlog;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One line of an audit log.
 *
 * @param line its JSON
 * @param members all members as texts, in the order of the line; a list as its elements
 */
public record AuditEntry(String line, Map<String, List<String>> members) {
  /** When the request arrived. */
  public Instant time() {
    return Instant.parse(text("time").orElseThrow());
  }

  public String requestId() {
    return text("requestId").orElseThrow();
  }

  public String outcome() {
    return text("outcome").orElseThrow();
  }

  /** When the token expires; absent if none was vended. */
  public Optional<Instant> expiresAt() {
    return text("expiresAt").map(seconds -> Instant.ofEpochSecond(Long.parseLong(seconds)));
  }

  /** Returns a member that is one string, number or boolean. */
  public Optional<String> text(String member) {
    List<String> values = texts(member);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
  }

  /** Returns a member that is a list; empty if it is absent. */
  public List<String> texts(String member) {
    return members.getOrDefault(member, List.of());
  }
}

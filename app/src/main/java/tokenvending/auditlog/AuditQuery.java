package tokenvending.auditlog;

import java.util.Optional;

/**
 * A filter for audit events; an absent field selects all.
 *
 * @param requestId the {@code X-Request-Id} of a response
 * @param permission a part of the text of one of the token's permissions
 */
public record AuditQuery(
    Optional<String> requestId,
    Optional<String> subject,
    Optional<String> issuer,
    Optional<String> rule,
    Optional<String> permission) {
  /** Whether the filter selects the event. */
  public boolean selects(AuditEntry entry) {
    return is(requestId, entry, "requestId")
        && is(subject, entry, "subject")
        && is(issuer, entry, "issuer")
        && is(rule, entry, "rule")
        && (permission.isEmpty()
            || entry.texts("permissions").stream()
                .anyMatch(text -> text.contains(permission.get())));
  }

  private static boolean is(Optional<String> wanted, AuditEntry entry, String member) {
    return wanted.isEmpty() || wanted.equals(entry.text(member));
  }
}

package tokenvending.auditlog;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tokenvending.audit.AuditEvent;

/**
 * Collects the unexpired tokens that callers received. A token whose event was not written in time
 * was not received, in whatever order the lines come.
 */
public final class LiveTokens {
  private final AuditQuery query;
  private final Instant now;
  private final List<AuditEntry> vended = new ArrayList<>();
  private final Set<String> notRecorded = new HashSet<>();

  /** Collects the tokens that the query selects and that expire after {@code now}. */
  public LiveTokens(AuditQuery query, Instant now) {
    this.query = query;
    this.now = now;
  }

  public void take(AuditEntry entry) {
    if (entry.text("reason").filter(AuditEvent.NOT_AUDITED::equals).isPresent()) {
      notRecorded.add(entry.requestId());
    } else if (entry.outcome().equals(AuditEvent.VENDED)
        && entry.expiresAt().filter(now::isBefore).isPresent()
        && query.selects(entry)) {
      vended.add(entry);
    }
  }

  /** Returns the events that vended these tokens, the last to expire first. */
  public List<AuditEntry> all() {
    return vended.stream()
        .filter(entry -> !notRecorded.contains(entry.requestId()))
        .sorted(
            Comparator.comparing((AuditEntry entry) -> entry.expiresAt().orElse(now)).reversed())
        .toList();
  }
}

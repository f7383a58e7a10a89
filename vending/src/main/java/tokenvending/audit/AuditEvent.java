package tokenvending.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One request and how it ended. It holds no credential: of a token only its SHA-256, of the caller
 * only who vouches for whom.
 *
 * @param outcome {@code vended}, or the kind of refusal
 * @param reason why it was refused, as a fixed word; absent when vended
 * @param reused whether the token had been handed out before; the record with the same SHA-256 says
 *     to whom first
 */
public record AuditEvent(
    Instant time,
    String requestId,
    String address,
    Optional<Caller> caller,
    Optional<String> rule,
    List<String> permissions,
    Optional<Instant> expiresAt,
    Optional<String> tokenId,
    Optional<String> tokenSha256,
    String outcome,
    Optional<String> reason,
    boolean reused) {
  public AuditEvent {
    permissions = List.copyOf(permissions);
  }

  /** Who asked; an anonymous caller has neither issuer nor subject. */
  public record Caller(Optional<String> issuer, Optional<String> subject) {}
}

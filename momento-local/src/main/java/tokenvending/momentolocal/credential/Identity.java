package tokenvending.momentolocal.credential;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import tokenvending.momentolocal.permission.Family;
import tokenvending.momentolocal.permission.Right;
import tokenvending.momentolocal.permission.Statement;

/**
 * Who is calling, once the credential has been checked. The statements count only when the
 * authority is {@code SCOPED}; {@code publisherId} is empty for everything but disposable tokens;
 * {@code expiresAt} is {@link Instant#MAX} for a credential that does not expire.
 */
public record Identity(
    Authority authority, List<Statement> statements, String publisherId, Instant expiresAt) {

  /** How far a credential reaches before any statement is looked at. */
  public enum Authority {
    /** May do everything, minting super-user keys included. */
    SESSION,
    /** May do everything but mint super-user keys. */
    SUPER_USER,
    /** May do what its statements say: no control plane, no minting. */
    SCOPED
  }

  public Identity {
    statements = List.copyOf(statements);
  }

  /** Whether the call is allowed; one single statement must supply all that it needs. */
  public boolean may(Family family, Right right, ByteString cacheName, ByteString name) {
    return switch (authority) {
      case SESSION, SUPER_USER -> true;
      case SCOPED -> statements.stream().anyMatch(s -> s.allows(family, right, cacheName, name));
    };
  }

  /** Whether caches may be made, deleted, listed and flushed, and tokens minted. */
  public boolean mayControl() {
    return authority != Authority.SCOPED;
  }

  /** Whether a super-user key may be minted. */
  public boolean mayMintSuperUser() {
    return authority == Authority.SESSION;
  }

  /** Whether the credential has run out at {@code now}. */
  public boolean expiredAt(Instant now) {
    return !now.isBefore(expiresAt);
  }
}

package tokenvending.momentolocal.credential;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import tokenvending.momentolocal.permission.Family;
import tokenvending.momentolocal.permission.Right;
import tokenvending.momentolocal.permission.Statement;

/**
 * An authenticated caller. The statements apply only to the authority {@code SCOPED}; {@code
 * publisherId} is empty except for disposable tokens; {@code expiresAt} is {@link Instant#MAX} for
 * a credential that does not expire.
 */
public record Identity(
    Authority authority, List<Statement> statements, String publisherId, Instant expiresAt) {

  /** The authority of a credential, before its statements. */
  public enum Authority {
    /** Everything, including minting super-user keys. */
    SESSION,
    /** Everything except minting super-user keys. */
    SUPER_USER,
    /** The permissions in its statements; no control plane, no minting. */
    SCOPED
  }

  public Identity {
    statements = List.copyOf(statements);
  }

  /** Whether the call is allowed; one statement must grant everything that it requires. */
  public boolean may(Family family, Right right, ByteString cacheName, ByteString name) {
    return switch (authority) {
      case SESSION, SUPER_USER -> true;
      case SCOPED -> statements.stream().anyMatch(s -> s.allows(family, right, cacheName, name));
    };
  }

  /** Whether the caller can create, delete, list and flush caches, and mint tokens. */
  public boolean mayControl() {
    return authority != Authority.SCOPED;
  }

  /** Whether the caller can mint super-user keys. */
  public boolean mayMintSuperUser() {
    return authority == Authority.SESSION;
  }

  /** Whether the credential has expired. */
  public boolean expiredAt(Instant now) {
    return !now.isBefore(expiresAt);
  }
}

package tokenvending.policy;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import tokenvending.identity.Principal;
import tokenvending.permission.PermissionSet;

/**
 * What a policy gives one caller for one request. Only {@link Policy} makes one, and a token is
 * issued for nothing else.
 */
public final class Grant {
  private final Principal caller;
  private final String rule;
  private final PermissionSet permissions;
  private final Duration ttl;
  private final Optional<TokenId> tokenId;
  private final Reuse reuse;
  private final Optional<Instant> notAfter;

  Grant(
      Principal caller,
      String rule,
      PermissionSet permissions,
      Duration ttl,
      Optional<TokenId> tokenId,
      Reuse reuse,
      Optional<Instant> notAfter) {
    if (ttl.compareTo(Policy.SHORTEST_TTL) < 0
        || ttl.compareTo(Policy.LONGEST_TTL) > 0
        || !ttl.equals(ttl.truncatedTo(ChronoUnit.SECONDS))) {
      throw new IllegalArgumentException("a token lives for 1 s to 25 h, in whole seconds");
    }
    this.caller = caller;
    this.rule = rule;
    this.permissions = permissions;
    this.ttl = ttl;
    this.tokenId = tokenId;
    this.reuse = reuse;
    this.notAfter = notAfter;
  }

  public Principal caller() {
    return caller;
  }

  /** The id of the rule that matched; for records, never for the caller. */
  public String rule() {
    return rule;
  }

  public PermissionSet permissions() {
    return permissions;
  }

  /** Whole seconds, 1 s to 25 h. */
  public Duration ttl() {
    return ttl;
  }

  public Optional<TokenId> tokenId() {
    return tokenId;
  }

  public Reuse reuse() {
    return reuse;
  }

  /** When the token must have ended, however long it took to obtain; absent where nothing says. */
  public Optional<Instant> notAfter() {
    return notAfter;
  }
}

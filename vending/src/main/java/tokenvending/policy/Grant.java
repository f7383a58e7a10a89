package tokenvending.policy;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import tokenvending.identity.Principal;
import tokenvending.permission.PermissionSet;

/**
 * What a policy grants one caller for one request. Only {@link Policy} creates a grant, and a token
 * is issued only for a grant.
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

  /** The id of the rule that matched; for the audit log, never for the caller. */
  public String rule() {
    return rule;
  }

  public PermissionSet permissions() {
    return permissions;
  }

  /** The token's lifetime in whole seconds, from 1 second to 25 hours. */
  public Duration ttl() {
    return ttl;
  }

  public Optional<TokenId> tokenId() {
    return tokenId;
  }

  public Reuse reuse() {
    return reuse;
  }

  /** When the token must have expired, however long minting takes; absent if nothing limits it. */
  public Optional<Instant> notAfter() {
    return notAfter;
  }
}

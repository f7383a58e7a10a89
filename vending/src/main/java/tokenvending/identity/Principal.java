package tokenvending.identity;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who is calling, as an {@link Authenticator} established it. That one exists is the proof that a
 * credential was verified, or that the file allows anonymous callers; so only authenticators make
 * one.
 */
public final class Principal {
  private static final Principal ANONYMOUS =
      new Principal("", Optional.empty(), new Groups.Listed(Set.of()), Map.of(), Optional.empty());

  private final String issuer;
  private final Optional<String> subject;
  private final Groups groups;
  private final Map<String, Claim> claims;
  private final Optional<Instant> sessionEnd;

  private Principal(
      String issuer,
      Optional<String> subject,
      Groups groups,
      Map<String, Claim> claims,
      Optional<Instant> sessionEnd) {
    this.issuer = issuer;
    this.subject = subject;
    this.groups = groups;
    this.claims = Map.copyOf(claims);
    this.sessionEnd = sessionEnd;
  }

  /**
   * A caller whose credential was checked.
   *
   * @param issuer who vouches: the {@code iss} of a JWT, or a fixed word for our own users
   * @param subject unique within the issuer
   * @param sessionEnd when the credential itself ends, where it says so
   */
  public static Principal verified(
      String issuer,
      String subject,
      Set<String> groups,
      Map<String, Claim> claims,
      Optional<Instant> sessionEnd) {
    return verified(issuer, subject, new Groups.Listed(groups), claims, sessionEnd);
  }

  /** The same, where the credential may lack a readable statement of groups. */
  public static Principal verified(
      String issuer,
      String subject,
      Groups groups,
      Map<String, Claim> claims,
      Optional<Instant> sessionEnd) {
    return new Principal(issuer, Optional.of(subject), groups, claims, sessionEnd);
  }

  /** An anonymous caller; only where the file says {@code open}. */
  public static Principal anonymous() {
    return ANONYMOUS;
  }

  /** Who vouches for the caller; empty for an anonymous one. */
  public String issuer() {
    return issuer;
  }

  /** Unique within the issuer; absent for an anonymous caller. */
  public Optional<String> subject() {
    return subject;
  }

  public boolean isAnonymous() {
    return subject.isEmpty();
  }

  public Set<String> groups() {
    return groups.names();
  }

  /** The groups, or why none could be read. */
  public Groups statedGroups() {
    return groups;
  }

  /**
   * A verified claim. {@code iss} and {@code sub} are known for every identified caller.
   *
   * @param name the claim's name, or a path such as {@code realm_access.roles}; a claim with the
   *     whole name comes first (see {@link ClaimPath})
   */
  public Optional<Claim> claim(String name) {
    return switch (name) {
      case "iss" -> subject.map(identified -> new Claim.One(issuer));
      case "sub" -> subject.map(Claim.One::new);
      default -> ClaimPath.find(claims, name, Principal::members);
    };
  }

  private static Optional<Map<String, Claim>> members(Claim claim) {
    return claim instanceof Claim.Members(Map<String, Claim> values)
        ? Optional.of(values)
        : Optional.empty();
  }

  /** When the credential that was shown ends; absent where it does not end. */
  public Optional<Instant> sessionEnd() {
    return sessionEnd;
  }
}

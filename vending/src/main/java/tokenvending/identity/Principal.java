package tokenvending.identity;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An authenticated caller. An instance proves that a credential was verified, or that the file
 * allows anonymous callers, so only authenticators create one.
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
   * Creates a caller with a verified credential.
   *
   * @param issuer the {@code iss} of a JWT, or a fixed word for users of the users file
   * @param subject unique within the issuer
   * @param sessionEnd when the credential expires, if it does
   */
  public static Principal verified(
      String issuer,
      String subject,
      Set<String> groups,
      Map<String, Claim> claims,
      Optional<Instant> sessionEnd) {
    return verified(issuer, subject, new Groups.Listed(groups), claims, sessionEnd);
  }

  /** Creates a caller whose groups can be absent or unreadable. */
  public static Principal verified(
      String issuer,
      String subject,
      Groups groups,
      Map<String, Claim> claims,
      Optional<Instant> sessionEnd) {
    return new Principal(issuer, Optional.of(subject), groups, claims, sessionEnd);
  }

  /** Creates an anonymous caller, for the authentication method {@code open}. */
  public static Principal anonymous() {
    return ANONYMOUS;
  }

  /** The issuer of the credential; empty for an anonymous caller. */
  public String issuer() {
    return issuer;
  }

  /** The subject, unique within the issuer; absent for an anonymous caller. */
  public Optional<String> subject() {
    return subject;
  }

  public boolean isAnonymous() {
    return subject.isEmpty();
  }

  public Set<String> groups() {
    return groups.names();
  }

  /** The groups, or the reason why none could be read. */
  public Groups statedGroups() {
    return groups;
  }

  /**
   * Returns a verified claim. {@code iss} and {@code sub} exist for every authenticated caller.
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

  /** When the presented credential expires; absent if it does not. */
  public Optional<Instant> sessionEnd() {
    return sessionEnd;
  }
}

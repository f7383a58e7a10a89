package tokenvending.audit;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tokenvending.identity.Attempt;

/**
 * One line of the audit log: a request and its outcome. It holds no credential: a token appears as
 * its SHA-256, the caller as issuer and subject.
 *
 * @param traceId the trace that the client reports: 32 hexadecimal digits
 * @param outcome {@link #VENDED}, or the kind of rejection
 * @param reason a fixed word for the cause of the rejection; absent when vended
 * @param reused whether the token was vended before; the first event with the same SHA-256 names
 *     the caller who received it first
 * @param exchanged whether the request was a token exchange
 * @param basis what the decision rests on
 */
public record AuditEvent(
    Instant time,
    String requestId,
    Optional<String> traceId,
    String address,
    Optional<Caller> caller,
    Optional<String> rule,
    List<String> permissions,
    Optional<Instant> expiresAt,
    Optional<String> tokenId,
    Optional<String> tokenSha256,
    String outcome,
    Optional<String> reason,
    boolean reused,
    boolean exchanged,
    Basis basis) {
  /** The outcome of a request that got a token. */
  public static final String VENDED = "vended";

  /** The outcome of a valid request that cannot be served now. */
  public static final String TEMPORARILY_UNAVAILABLE = "temporarily-unavailable";

  /** The reason of a request that was rejected because the audit log could not be written. */
  public static final String NOT_AUDITED = "NOT_AUDITED";

  /**
   * The reason of a rejection because the issuer's keys or the users file cannot be read. An
   * unauthenticated client can cause it.
   */
  public static final String AUTHENTICATION_UNAVAILABLE = "AUTHENTICATION_UNAVAILABLE";

  /** The outcome of an event that replaces several others; its reason is their number. */
  public static final String LEFT_OUT = "left-out";

  public AuditEvent {
    permissions = List.copyOf(permissions);
  }

  /** Creates the event of a rejected request. */
  public static AuditEvent withoutToken(
      Attempt attempt,
      Optional<Caller> caller,
      Optional<String> rule,
      String outcome,
      Optional<String> reason,
      Basis basis) {
    return new AuditEvent(
        attempt.at(),
        attempt.requestId(),
        attempt.traceId(),
        attempt.from().text(),
        caller,
        rule,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        outcome,
        reason,
        false,
        attempt.exchanged(),
        basis);
  }

  /**
   * What a decision rests on.
   *
   * @param policyVersion the fingerprint of the policy in force
   * @param groups the caller's groups that the matching rule names; if none matched, those that any
   *     rule names
   * @param claims the names of the claims that the rule requires
   * @param claimValues the values of the claims listed under {@code audit} in the file
   * @param unmatched the conditions that did not hold, if no rule matched
   * @param note the operator's about a caller who is denied or blocked
   */
  public record Basis(
      Optional<String> policyVersion,
      List<String> groups,
      List<String> claims,
      Map<String, List<String>> claimValues,
      List<String> unmatched,
      Optional<String> note) {
    private static final Basis NONE =
        new Basis(Optional.empty(), List.of(), List.of(), Map.of(), List.of(), Optional.empty());

    public Basis {
      groups = List.copyOf(groups);
      claims = List.copyOf(claims);
      claimValues = Map.copyOf(claimValues);
      unmatched = List.copyOf(unmatched);
    }

    /** An empty basis. */
    public static Basis none() {
      return NONE;
    }

    /** Returns a copy that names only the policy. */
    public Basis withoutCaller() {
      return new Basis(policyVersion, List.of(), List.of(), Map.of(), List.of(), Optional.empty());
    }

    /** Returns a copy with the operator's note. */
    public Basis withNote(Optional<String> words) {
      return new Basis(policyVersion, groups, claims, claimValues, unmatched, words);
    }
  }

  /**
   * Returns the event to write later if this one could not be written in time: the token was not
   * vended.
   */
  public AuditEvent notRecorded() {
    return ended(caller, rule, TEMPORARILY_UNAVAILABLE, NOT_AUDITED);
  }

  /** Returns an event that replaces {@code count} events, of which this one is the last. */
  public AuditEvent leftOut(long count) {
    return ended(Optional.empty(), Optional.empty(), LEFT_OUT, Long.toString(count));
  }

  private AuditEvent ended(
      Optional<Caller> itsCaller, Optional<String> itsRule, String itsOutcome, String itsReason) {
    return new AuditEvent(
        time,
        requestId,
        traceId,
        address,
        itsCaller,
        itsRule,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        itsOutcome,
        Optional.of(itsReason),
        false,
        exchanged,
        itsCaller.isPresent() ? basis : basis.withoutCaller());
  }

  /** The caller. Issuer and subject are absent for an anonymous caller. */
  public record Caller(Optional<String> issuer, Optional<String> subject) {}
}

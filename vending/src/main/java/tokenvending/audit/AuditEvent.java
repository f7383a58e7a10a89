package tokenvending.audit;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request and how it ended, as the audit log has it. It holds no credential: of a token only
 * its SHA-256, of the caller only issuer and subject.
 *
 * @param outcome {@code vended}, or the kind of refusal
 * @param reason why it was refused, as a fixed word; absent when vended
 * @param reused whether the token had been vended before; the first event with the same SHA-256 has
 *     the caller that got it first
 * @param basis what decided
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
    boolean reused,
    Basis basis) {
  /** The outcome of a request that got a token. */
  public static final String VENDED = "vended";

  /** The outcome where nothing is wrong with the request. */
  public static final String TEMPORARILY_UNAVAILABLE = "temporarily-unavailable";

  /** The reason where the audit log could not be written. */
  public static final String NOT_RECORDED = "NOT_RECORDED";

  /** The reason of a credential that could not be verified, so that anybody can cause it. */
  public static final String AUTHENTICATION_UNAVAILABLE = "AUTHENTICATION_UNAVAILABLE";

  /** The outcome of an event that stands for several others; its reason is their number. */
  public static final String LEFT_OUT = "left-out";

  public AuditEvent {
    permissions = List.copyOf(permissions);
  }

  /** The event of a request that got no token. */
  public static AuditEvent withoutToken(
      Instant time,
      String requestId,
      String address,
      Optional<Caller> caller,
      Optional<String> rule,
      String outcome,
      Optional<String> reason,
      Basis basis) {
    Optional<Instant> never = Optional.empty();
    Optional<String> none = Optional.empty();
    return new AuditEvent(
        time, requestId, address, caller, rule, List.of(), never, none, none, outcome, reason,
        false, basis);
  }

  /**
   * What the decision rests on.
   *
   * @param policyVersion the fingerprint of the policy in force
   * @param groups the caller's groups that the rule asks for; where no rule matched, those that any
   *     rule asks for
   * @param claims the names of the claims that the rule asks for
   * @param claimValues the values of those that the file wants in the audit log
   * @param unmatched where no rule matched: what failed in each
   */
  public record Basis(
      Optional<String> policyVersion,
      List<String> groups,
      List<String> claims,
      Map<String, List<String>> claimValues,
      List<String> unmatched) {
    private static final Basis NONE =
        new Basis(Optional.empty(), List.of(), List.of(), Map.of(), List.of());

    public Basis {
      groups = List.copyOf(groups);
      claims = List.copyOf(claims);
      claimValues = Map.copyOf(claimValues);
      unmatched = List.copyOf(unmatched);
    }

    /** Nothing. */
    public static Basis none() {
      return NONE;
    }

    /** The policy alone. */
    public Basis withoutCaller() {
      return new Basis(policyVersion, List.of(), List.of(), Map.of(), List.of());
    }
  }

  /** What holds instead where this event was not written in time: the caller got nothing. */
  public AuditEvent notRecorded() {
    return ended(caller, rule, TEMPORARILY_UNAVAILABLE, NOT_RECORDED);
  }

  /**
   * Stands for events that have no line of their own, of which this is the last.
   *
   * @param count how many they are
   */
  public AuditEvent leftOut(long count) {
    return ended(Optional.empty(), Optional.empty(), LEFT_OUT, Long.toString(count));
  }

  private AuditEvent ended(
      Optional<Caller> itsCaller, Optional<String> itsRule, String itsOutcome, String itsReason) {
    return withoutToken(
        time,
        requestId,
        address,
        itsCaller,
        itsRule,
        itsOutcome,
        Optional.of(itsReason),
        itsCaller.isPresent() ? basis : basis.withoutCaller());
  }

  /** The caller; an anonymous caller has neither issuer nor subject. */
  public record Caller(Optional<String> issuer, Optional<String> subject) {}
}

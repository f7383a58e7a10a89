package tokenvending.vending;

import java.time.InstantSource;
import java.util.Optional;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.AuthenticationResult.Authenticated;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.TokenIssuer;
import tokenvending.limits.Admission;
import tokenvending.limits.Admission.Throttled;
import tokenvending.limits.Limits;
import tokenvending.policy.Decision;
import tokenvending.policy.Decision.Granted;
import tokenvending.policy.Grant;
import tokenvending.policy.Policy;
import tokenvending.request.VendRequest;

/**
 * Exchanges a credential and a request for a token or a rejection. Every outcome is audited before
 * it is returned. Thread-safe.
 */
public final class TokenVendingMachine {
  private final Authentication authentication;
  private final Denials denials;
  private final Policy policy;
  private final Limits limits;
  private final TokenIssuer issuer;
  private final Recorder recorder;
  private final InstantSource clock;

  public TokenVendingMachine(
      Authentication authentication,
      Denials denials,
      Policy policy,
      Limits limits,
      TokenIssuer issuer,
      Recorder recorder,
      InstantSource clock) {
    this.authentication = authentication;
    this.denials = denials;
    this.policy = policy;
    this.limits = limits;
    this.issuer = issuer;
    this.recorder = recorder;
    this.clock = clock;
  }

  /**
   * Runs the five steps of a vend. A rejection is audited and returned by the step that rejects.
   */
  public VendOutcome vend(PresentedCredential credential, VendRequest request, Attempt attempt) {
    // Reject the request first if its outcome could not be audited.
    Optional<VendOutcome> unavailable = recorder.unavailable(attempt);
    if (unavailable.isPresent()) {
      return unavailable.get();
    }
    // 1 authenticate
    AuthenticationResult who = authentication.authenticate(credential, attempt);
    if (!(who instanceof Authenticated(Principal caller))) {
      return recorder.refused(attempt, who);
    }
    // 2 decide
    Optional<Refusal> denied = denials.of(caller, attempt.from());
    if (denied.isPresent()) {
      return recorder.refused(attempt, caller, denied.get());
    }
    Decision decision = policy.decide(caller, request, clock.instant());
    if (!(decision instanceof Granted(Grant grant))) {
      return recorder.refused(attempt, caller, decision);
    }
    // 3 admit
    Admission admission = limits.admit(caller, attempt.from());
    if (admission instanceof Throttled throttled) {
      return recorder.refused(attempt, grant, throttled);
    }
    // 4 issue
    IssueResult result = issuer.issue(grant, attempt);
    if (!(result instanceof Issued issued)) {
      return recorder.refused(attempt, grant, result);
    }
    // An operator can have blocked the caller meanwhile.
    Optional<Refusal> late = denials.of(caller, attempt.from());
    if (late.isPresent()) {
      return recorder.refused(attempt, caller, late.get());
    }
    // 5 audit
    return recorder.vended(attempt, grant, issued);
  }
}

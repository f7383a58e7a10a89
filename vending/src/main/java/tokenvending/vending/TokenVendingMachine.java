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
 * Turns a credential and a request into a token, or a refusal. Every outcome is on record before it
 * is returned.
 */
public final class TokenVendingMachine {
  private final Authentication authentication;
  private final Policy policy;
  private final Limits limits;
  private final TokenIssuer issuer;
  private final Recorder recorder;
  private final InstantSource clock;

  public TokenVendingMachine(
      Authentication authentication,
      Policy policy,
      Limits limits,
      TokenIssuer issuer,
      Recorder recorder,
      InstantSource clock) {
    this.authentication = authentication;
    this.policy = policy;
    this.limits = limits;
    this.issuer = issuer;
    this.recorder = recorder;
    this.clock = clock;
  }

  /** The whole exchange. A refusal leaves at the step that refused, through {@code record}. */
  public VendOutcome vend(PresentedCredential credential, VendRequest request, Attempt attempt) {
    // Nothing begins that could not be audited.
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
    // 5 record
    return recorder.vended(attempt, grant, issued);
  }
}

package tokenvending.vending;

import tokenvending.issuing.VendedToken;
import tokenvending.policy.Grant;

/** The outcome of a request for a token. */
public sealed interface VendOutcome permits VendOutcome.Vended, Refusal {
  /** A token was issued, verified and audited. */
  record Vended(Grant grant, VendedToken token) implements VendOutcome {}
}

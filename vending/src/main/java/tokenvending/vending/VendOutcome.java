package tokenvending.vending;

import tokenvending.issuing.VendedToken;
import tokenvending.policy.Grant;

/** How a request for a token ended. */
public sealed interface VendOutcome permits VendOutcome.Vended, Refusal {
  /** A token was issued, checked and recorded. */
  record Vended(Grant grant, VendedToken token) implements VendOutcome {}
}

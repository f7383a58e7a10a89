package tokenvending.issuing;

import tokenvending.identity.Attempt;
import tokenvending.policy.Grant;

/**
 * Obtains a token for a grant. Thread-safe, may block; every failure is a result, no exception
 * crosses it.
 */
public interface TokenIssuer {
  /**
   * A token for the grant.
   *
   * @param attempt callers take turns by when it arrived, and anonymous ones by where it came from;
   *     nothing else hangs on it
   */
  IssueResult issue(Grant grant, Attempt attempt);
}

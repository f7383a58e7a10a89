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
   * @param attempt when it arrived and, for anonymous callers, where it came from decide the
   *     position in the queue; nothing else depends on it
   */
  IssueResult issue(Grant grant, Attempt attempt);
}

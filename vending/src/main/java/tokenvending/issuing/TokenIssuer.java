package tokenvending.issuing;

import tokenvending.identity.Attempt;
import tokenvending.policy.Grant;

/**
 * Obtains a token for a grant. Thread-safe; can block. Every failure is a result, never an
 * exception.
 */
public interface TokenIssuer {
  /**
   * Obtains a token for the grant.
   *
   * @param attempt its time of arrival and, for anonymous callers, its address decide the queue
   *     position; nothing else depends on it
   */
  IssueResult issue(Grant grant, Attempt attempt);
}

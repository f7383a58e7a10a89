package tokenvending.issuing;

import tokenvending.identity.ClientAddress;
import tokenvending.policy.Grant;

/**
 * Obtains a token for a grant. Thread-safe, may block; every failure is a result, no exception
 * crosses it.
 */
public interface TokenIssuer {
  /**
   * A token for the grant.
   *
   * @param from where the request came from: anonymous callers take turns by it, nothing else
   */
  IssueResult issue(Grant grant, ClientAddress from);
}

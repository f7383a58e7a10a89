package tokenvending.issuing;

import tokenvending.policy.Grant;

/**
 * Obtains a token for a grant. Thread-safe, may block; every failure is a result, no exception
 * crosses it.
 */
public interface TokenIssuer {
  IssueResult issue(Grant grant);
}

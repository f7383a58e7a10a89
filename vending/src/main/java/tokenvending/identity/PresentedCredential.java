package tokenvending.identity;

import tokenvending.secret.Secret;

/**
 * What the caller showed, unchecked. Only an {@link Authenticator} turns it into a {@link
 * Principal}.
 */
public sealed interface PresentedCredential {
  /** Nothing was shown. */
  record None() implements PresentedCredential {}

  /** {@code Authorization: Bearer} (RFC 6750 §2.1). */
  record BearerToken(Secret token) implements PresentedCredential {}

  /**
   * {@code Authorization: Basic} (RFC 7617), or the headers {@code username} and {@code password}.
   */
  record UserPassword(String user, Secret password) implements PresentedCredential {}

  /** Something was shown that is no credential we know; never the same as nothing. */
  record Unreadable() implements PresentedCredential {}
}

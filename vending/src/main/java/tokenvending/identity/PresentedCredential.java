package tokenvending.identity;

import tokenvending.secret.Secret;

/**
 * A credential as presented, not verified. Only an {@link Authenticator} turns it into a {@link
 * Principal}.
 */
public sealed interface PresentedCredential {
  /** The request has no credential. */
  record None() implements PresentedCredential {}

  /** {@code Authorization: Bearer} (RFC 6750 §2.1). */
  record BearerToken(Secret token) implements PresentedCredential {}

  /**
   * {@code Authorization: Basic} (RFC 7617), or the headers {@code username} and {@code password}.
   */
  record UserPassword(String user, Secret password) implements PresentedCredential {}

  /** The request has a credential of an unknown form. It is never treated as {@link None}. */
  record Unreadable() implements PresentedCredential {}
}

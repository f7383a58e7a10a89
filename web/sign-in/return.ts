import type { OidcClient, SignedIn } from './oidc';

export type { OidcClient, SignedIn } from './oidc';

/** Leaves the page for the issuer's sign-in. The code for it is loaded now. */
export async function signIn(client: OidcClient, kept: unknown): Promise<void> {
  const { signIn } = await import('./oidc');
  return signIn(client, kept);
}

/**
 * Returns the user whom an issuer sent back to this page, or why the sign-in failed. The issuer's answer leaves the
 * address at once.
 */
export async function returned(): Promise<{ user?: SignedIn; fault?: string }> {
  const answer = new URLSearchParams(location.search);
  if (!answer.has('state') || !(answer.has('code') || answer.has('error'))) {
    return {};
  }
  history.replaceState(null, '', location.pathname);
  try {
    const { complete } = await import('./oidc');
    return { user: await complete(answer) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** The name of an issuer for people. */
export const hostOf = (issuer: string) => new URL(issuer).host;

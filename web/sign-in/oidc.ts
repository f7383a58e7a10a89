import { RefusedError, UnavailableError } from 'tokenvending-client';
import type { Credentials } from 'tokenvending-client';
import * as oauth from 'oauth4webapi';
import { Stopwatch } from '../client/src/token';

/** An OpenID Connect issuer, and its public client for this page. */
export interface OidcClient {
  readonly issuer: string;
  readonly clientId: string;
}

/** What this tab keeps until the issuer sends the user back. No token is in it. */
interface Transaction extends OidcClient {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly kept: unknown;
}

/** A signed-in user. */
export interface SignedIn {
  readonly client: OidcClient;
  readonly subject: string;
  readonly credentials: Credentials;
  /** What {@link signIn} got for after the return. */
  readonly kept: unknown;
}

const KEY = 'sign-in';
/** Early enough that an ID token does not expire on its way to the machine. */
const EARLY = 60_000;

/** The page without its query. It must be registered with the client, exactly as it is. */
const redirectUri = () => new URL('.', location.href).href;

/** Leaves the page for the issuer's sign-in, with PKCE (RFC 7636, S256). `kept` is returned after it. */
export async function signIn(client: OidcClient, kept: unknown): Promise<void> {
  if (!isSecureContext) {
    throw new Error('Signing in needs HTTPS, or an address of this machine such as localhost.');
  }
  const server = await discover(client);
  if (server.authorization_endpoint === undefined) {
    throw new Error(`The issuer ${client.issuer} has no authorization endpoint.`);
  }
  const transaction: Transaction = {
    ...client,
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    kept,
  };
  // A refresh token renews the sign-in without a frame of the issuer, whose cookies browsers block. It needs the
  // user's consent (OpenID Connect Core §11).
  const renewable = server.scopes_supported?.includes('offline_access') === true;
  const address = new URL(server.authorization_endpoint);
  const query = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri(),
    scope: renewable ? 'openid offline_access' : 'openid',
    ...(renewable && { prompt: 'consent' }),
    state: transaction.state,
    nonce: transaction.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(transaction.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(query)) {
    address.searchParams.set(name, value);
  }
  sessionStorage.setItem(KEY, JSON.stringify(transaction));
  location.assign(address);
}

/** Completes the sign-in that the issuer's answer in `answer`, the query of the page, is for. */
export async function complete(answer: URLSearchParams): Promise<SignedIn> {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (text === null) {
    throw new Error('This sign-in did not begin in this tab. Sign in again.');
  }
  const { state, nonce, verifier, kept, issuer, clientId } = JSON.parse(text) as Transaction;
  const client = { issuer, clientId };
  const server = await discover(client);
  const party = { client_id: clientId };
  let result: oauth.TokenEndpointResponse;
  try {
    const parameters = oauth.validateAuthResponse(server, party, answer, state);
    const response = await oauth.authorizationCodeGrantRequest(server, party, oauth.None(), parameters, redirectUri(), verifier, options(client));
    result = await oauth.processAuthorizationCodeResponse(server, party, response, { expectedNonce: nonce, requireIdToken: true });
  } catch (cause) {
    throw new Error(sentence(cause), { cause });
  }
  const { sub } = oauth.getValidatedIdTokenClaims(result)!;
  return { client, subject: sub, credentials: renewing(server, client, sub, result), kept };
}

/** Credentials that renew the ID token before it expires. Tokens are only in memory. */
function renewing(server: oauth.AuthorizationServer, client: OidcClient, subject: string, first: oauth.TokenEndpointResponse): Credentials {
  let held = first;
  let refreshToken = first.refresh_token;
  let since = new Stopwatch();

  async function renew(refresh: string): Promise<void> {
    const party = { client_id: client.clientId };
    let result: oauth.TokenEndpointResponse;
    try {
      const response = await oauth.refreshTokenGrantRequest(server, party, oauth.None(), refresh, options(client));
      result = await oauth.processRefreshTokenResponse(server, party, response);
    } catch (cause) {
      if (cause instanceof oauth.ResponseBodyError && cause.status < 500 && cause.status !== 429) {
        throw ended();
      }
      throw new UnavailableError('The sign-in service cannot be reached.', undefined, undefined, { cause });
    }
    // The answer to a refresh need not have an ID token (OpenID Connect Core §12.2), and must be for the same user.
    if (oauth.getValidatedIdTokenClaims(result)?.sub !== subject) {
      throw ended();
    }
    held = result;
    refreshToken = result.refresh_token ?? refreshToken;
    since = new Stopwatch();
  }

  return {
    async authorization() {
      const { exp, iat } = oauth.getValidatedIdTokenClaims(held)!;
      const life = (exp - iat) * 1000;
      const left = life - since.elapsed();
      if (left < Math.min(EARLY, life / 2) && refreshToken !== undefined) {
        await renew(refreshToken);
      } else if (left <= 0) {
        throw ended();
      }
      return `Bearer ${held.id_token}`;
    },
  };
}

const ended = () => new RefusedError(401, 'unauthenticated', 'Your sign-in has ended. Sign in again.');

async function discover(client: OidcClient): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(client.issuer);
  try {
    return await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options(client)));
  } catch (cause) {
    throw new Error(`The sign-in service ${client.issuer} cannot be reached, or does not allow this page (CORS).`, { cause });
  }
}

/** Over HTTP only for an issuer on this machine: the server accepts no other in its file. */
const options = (client: OidcClient) => ({
  [oauth.allowInsecureRequests]: client.issuer.startsWith('http:'),
  signal: () => AbortSignal.timeout(30_000),
});

function sentence(cause: unknown): string {
  if (cause instanceof oauth.AuthorizationResponseError) {
    return cause.error === 'access_denied' ? 'The sign-in was canceled.' : `The sign-in service refused: ${cause.error}.`;
  }
  return 'The answer of the sign-in service is not valid. Sign in again.';
}

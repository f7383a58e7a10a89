import { RefusedError, UnavailableError } from './errors.js';
import { within } from './time.js';
import { Stopwatch } from './token.js';

/** The credentials of a caller. Created by {@link none}, {@link password}, {@link jwt} or {@link cognito}. */
export interface Credentials {
  /**
   * Returns the value of the `Authorization` header, or undefined for none. Called before each fetch. A {@link
   * RefusedError} ends the source, an {@link UnavailableError} is an outage; any other error rejects {@link
   * TokenSource.token} with a {@link SetupError}.
   */
  authorization(): Promise<string | undefined>;
  /** The cost of a guess at the secret, in rounds of PBKDF2; for secrets that people choose. */
  readonly stretch?: number;
}

/** No credential: for machines that vend to anonymous callers. */
export function none(): Credentials {
  return { authorization: async () => undefined };
}

/** A user name and password (RFC 7617). The name must not contain a colon. */
export function password(user: string, secret: string): Credentials {
  if (user.includes(':')) {
    throw new TypeError('a user name must not hold a colon');
  }
  const value = `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${secret}`)))}`;
  return { authorization: async () => value, stretch: 600_000 };
}

/**
 * A JWT of an identity provider. The function is called before each fetch, and should return one that is still valid.
 */
export function jwt(provide: () => string | Promise<string>): Credentials {
  return { authorization: async () => `Bearer ${await provide()}` };
}

/** The options of a sign-in at a Cognito user pool. Set `region`, or `endpoint` for an emulator. */
export interface CognitoSignIn {
  readonly clientId: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly user: string;
  readonly password: string;
}

interface CognitoAnswer {
  readonly AuthenticationResult?: {
    readonly IdToken: string;
    readonly RefreshToken?: string;
    readonly ExpiresIn?: number;
  };
  readonly ChallengeName?: string;
  readonly __type?: string;
  readonly message?: string;
}

/** Early enough that a JWT does not expire on its way to the machine. */
const EARLY = 60_000;

/**
 * Signs in with USER_PASSWORD_AUTH at the first fetch, and with the refresh token before the ID token expires. Tokens
 * are only in memory. The app client must allow that flow and have no secret.
 */
export function cognito(signIn: CognitoSignIn): Credentials {
  const endpoint = signIn.endpoint ?? `https://cognito-idp.${signIn.region ?? ''}.amazonaws.com/`;
  let idToken = '';
  let refreshToken: string | undefined;
  let since: Stopwatch | undefined;
  let life = 0;

  async function authenticate(flow: string, parameters: Record<string, string>): Promise<void> {
    const { response, answer } = await within(30_000, async signal => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
        },
        body: JSON.stringify({ AuthFlow: flow, ClientId: signIn.clientId, AuthParameters: parameters }),
        credentials: 'omit',
        cache: 'no-store',
        signal,
      });
      return { response, answer: (await response.json()) as CognitoAnswer };
    }).catch(cause => {
      throw new UnavailableError('The sign-in service cannot be reached.', undefined, undefined, { cause });
    });
    const result = answer.AuthenticationResult;
    if (result === undefined) {
      const type = (answer.__type ?? answer.ChallengeName ?? '').replace(/^.*#/, '');
      if (response.status >= 500 || type.startsWith('TooMany') || type.startsWith('LimitExceeded')) {
        throw new UnavailableError('The sign-in service cannot answer right now.', response.status);
      }
      throw new RefusedError(401, 'unauthenticated', sentence(answer, type));
    }
    idToken = result.IdToken;
    refreshToken = result.RefreshToken ?? refreshToken;
    life = (result.ExpiresIn ?? 3600) * 1000;
    since = new Stopwatch();
  }

  async function signInAgain(): Promise<void> {
    if (refreshToken !== undefined) {
      try {
        return await authenticate('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: refreshToken });
      } catch (error) {
        if (!(error instanceof RefusedError)) {
          throw error;
        }
        // It expired or was revoked; the password can still be valid.
        refreshToken = undefined;
      }
    }
    return authenticate('USER_PASSWORD_AUTH', { USERNAME: signIn.user, PASSWORD: signIn.password });
  }

  return {
    async authorization() {
      if (since === undefined || since.elapsed() > life - Math.min(EARLY, life / 2)) {
        await signInAgain();
      }
      return `Bearer ${idToken}`;
    },
  };
}

function sentence(answer: CognitoAnswer, type: string): string {
  if (answer.ChallengeName !== undefined) {
    return `The sign-in service asks for a step that this page does not know: ${answer.ChallengeName}.`;
  }
  return type === 'NotAuthorizedException' || type === 'UserNotFoundException' || type === 'InvalidPasswordException'
    ? 'The user name or the password is wrong.'
    : 'The sign-in service refused to sign this user in.';
}

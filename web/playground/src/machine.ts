import { cognito, jwt, password } from 'tokenvending-client';
import type { Credentials } from 'tokenvending-client';
import type { SignedIn } from '../../sign-in/return';

/** The settings of the server's tvm.yaml. */
export interface Settings {
  readonly url: string;
  readonly local: boolean;
  readonly authenticationMethods: readonly AuthenticationMethod[];
  readonly parameters: readonly { readonly name: string; readonly required: boolean; readonly maxLength: number }[];
  readonly cache: string;
  readonly topic: { readonly name?: string; readonly prefix?: string; readonly parameter?: string } | null;
  /** The claims of a caller whom the first rule with a condition matches; in local use. */
  readonly exampleCaller?: Readonly<Record<string, string>>;
}

export type AuthenticationMethod =
  | { readonly kind: 'open' | 'password' }
  | { readonly kind: 'oidc'; readonly issuer: string; readonly clientId?: string }
  | { readonly kind: 'cognito'; readonly clientId: string; readonly endpoint: string };

/** A caller. Its secrets are only in the page's memory. */
export type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'jwt'; readonly jwt: string }
  | { readonly kind: 'signed-in'; readonly session: SignedIn }
  | { readonly kind: 'cognito'; readonly user: string; readonly password: string; readonly clientId: string; readonly endpoint: string }
  | { readonly kind: 'simulated'; readonly subject: string; readonly groups: string; readonly claims: string };

/** The options of a request. */
export interface Wish {
  readonly parameters: Readonly<Record<string, string>>;
  readonly ttl: string;
  readonly permissions: readonly string[];
}

export interface Token {
  readonly authToken: string;
  readonly expiresAt: number;
  readonly refreshAfter: number;
  readonly serverTime: number;
  readonly endpoint: string;
  readonly tokenId?: string;
  readonly permissions: readonly string[];
  readonly webEndpoint?: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly detail: string;
}

/** A response of the token vending machine, with its duration. */
export interface Answer {
  readonly status: number;
  readonly requestId: string;
  readonly retryAfter: string | null;
  readonly took: number;
  /** By `performance.now()`. */
  readonly at: number;
  readonly token?: Token;
  readonly problem?: Problem;
}

export interface Explanation {
  readonly decision: 'granted' | 'denied' | 'unauthenticated' | 'malformed';
  readonly reason?: string;
  readonly caller?: { readonly issuer?: string; readonly subject?: string; readonly groups: readonly string[] };
  readonly rules?: readonly { readonly rule: string; readonly verdict: string; readonly why: string }[];
  readonly rule?: string;
  readonly permissions?: readonly string[];
  readonly ttl?: number;
  readonly tokenId?: string;
  readonly reuse?: string;
}

/** A request and its result. */
export interface Asked {
  readonly number: number;
  readonly caller: Caller;
  readonly wish: Wish;
  readonly answer?: Answer;
  readonly explanation?: Explanation;
  /** Whether the answer is still to come. */
  readonly pending?: boolean;
  /** Set if no request was sent: no connection, or no sign-in. */
  readonly failure?: string;
}

export interface Recorded {
  readonly time: number;
  readonly requestId: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly subject?: string;
  readonly rule?: string;
  readonly tokenId?: string;
  readonly tokenSha256?: string;
  readonly permissions: readonly string[];
}

/** Prevents the browser's own password prompt after a 401. */
const PLAIN: RequestInit = { credentials: 'omit', cache: 'no-store' };

export async function fetchSettings(): Promise<Settings> {
  const response = await fetch('settings.json', PLAIN);
  if (!response.ok) {
    throw new Error(`The server has no settings for this page (${response.status}).`);
  }
  return (await response.json()) as Settings;
}

export function query(wish: Wish): string {
  const query = new URLSearchParams(wish.parameters);
  if (wish.ttl !== '') {
    query.set('ttl', wish.ttl);
  }
  for (const permission of wish.permissions) {
    query.append('permission', permission);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Returns the headers with the caller's credential, as the client library does; signs in first if needed. */
export async function headers(caller: Caller): Promise<Record<string, string>> {
  switch (caller.kind) {
    case 'nobody':
      return {};
    case 'password':
      return shown(password(caller.user, caller.password));
    case 'jwt':
      return shown(jwt(() => caller.jwt.trim()));
    case 'signed-in':
      return shown(caller.session.credentials);
    case 'cognito':
      return shown(cognito(caller));
    case 'simulated': {
      const claims = new URLSearchParams();
      if (caller.subject !== '') {
        claims.set('sub', caller.subject);
      }
      for (const group of words(caller.groups, ',')) {
        claims.append('groups', group);
      }
      for (const line of words(caller.claims, '\n')) {
        const [name = '', ...value] = line.split('=');
        claims.append(name.trim(), value.join('=').trim());
      }
      return { 'explain-as': claims.toString() };
    }
  }
}

const words = (text: string, separator: string) =>
  text
    .split(separator)
    .map(word => word.trim())
    .filter(word => word !== '');

async function shown(credentials: Credentials): Promise<Record<string, string>> {
  const authorization = await credentials.authorization();
  return authorization === undefined ? {} : { authorization };
}

export async function vend(url: string, wish: Wish, headers: Record<string, string>): Promise<Answer> {
  const started = performance.now();
  const response = await fetch(url + query(wish), { ...PLAIN, headers });
  const body: unknown = await response.json();
  const at = performance.now();
  return {
    status: response.status,
    requestId: response.headers.get('x-request-id') ?? '',
    retryAfter: response.headers.get('retry-after'),
    took: at - started,
    at,
    ...(response.ok ? { token: body as Token } : { problem: body as Problem }),
  };
}

export async function explain(wish: Wish, headers: Record<string, string>): Promise<Explanation | undefined> {
  const response = await fetch(`api/explain${query(wish)}`, { ...PLAIN, headers });
  return response.ok ? ((await response.json()) as Explanation) : undefined;
}

export async function events(after: number, signal: AbortSignal): Promise<{ next: number; events: readonly Recorded[] }> {
  const response = await fetch(`api/events?after=${after}`, { ...PLAIN, signal });
  if (!response.ok) {
    throw new Error(`The server answered ${response.status}.`);
  }
  return (await response.json()) as { next: number; events: readonly Recorded[] };
}

import { RefusedError, SetupError, TokenVendingError, UnavailableError } from './errors.js';
import { within } from './time.js';
import { completeToken, HeldToken, parseToken, Stopwatch } from './token.js';
import type { CustomToken, VendedToken } from './token.js';

/** How long an answer can take. */
const ANSWER_WITHIN = 30_000;
/** A credential must not follow a redirect, nor is the address of the page sent. */
const PLAIN = { cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer' } as const;

/** Fetches a token from a backend of the page's own: the token, or a response that has it. */
export type FetchToken = (options: { readonly signal: AbortSignal }) => Promise<Response | CustomToken>;

/** Requests a token. `probe`: whether a failure could be CORS, because no request has succeeded yet. */
export async function vend(
  address: URL,
  authorization: string | undefined,
  probe: boolean,
  closed: AbortSignal,
): Promise<HeldToken> {
  const place = address.origin + address.pathname;
  const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) };
  const request = (signal: AbortSignal) => fetch(address, { ...PLAIN, headers, redirect: 'manual', signal });
  for (let attempt = 1; ; attempt++) {
    try {
      return await hold(request, place, parseToken, closed, /./);
    } catch (error) {
      const { cause } = error as Error;
      if (!probe || !(cause instanceof TypeError) || !(await answersUnseen(address, closed))) {
        throw error;
      }
      // The network could have failed for a moment, so only two failures in a row count.
      if (attempt > 1) {
        throw new SetupError(
          'BLOCKED',
          `${place} answers, but not to this origin: see cors.allow-origins.`,
          { cause },
        );
      }
    }
  }
}

/** Whether the address answers a request whose response the page cannot read. It carries no credential and vends nothing. */
async function answersUnseen(address: URL, closed: AbortSignal): Promise<boolean> {
  const page = globalThis.location?.origin;
  return (
    page !== undefined &&
    page !== address.origin &&
    within(
      ANSWER_WITHIN,
      signal => fetch(address.origin + address.pathname, { ...PLAIN, method: 'HEAD', mode: 'no-cors', signal }),
      closed,
    ).then(
      () => true,
      () => false,
    )
  );
}

/** Fetches a token by the page's own function. */
export function fetchCustom(fetchToken: FetchToken, closed: AbortSignal): Promise<HeldToken> {
  return hold(signal => fetchToken({ signal }), 'The backend', completeToken, closed, NETWORK_FAILURE);
}

/** `fetch` rejects with a TypeError of these messages where there is no network, and with others for mistakes. */
const NETWORK_FAILURE = /^(Abort|Timeout)|^TypeError.*(to fetch|failed$)/;

type Parse = (body: unknown) => VendedToken | undefined;

/** The token that a request comes to, within the time that an answer can take. `outage`: which failures are retried. */
async function hold(
  request: (signal: AbortSignal) => Promise<Response | CustomToken>,
  place: string,
  parse: Parse,
  closed: AbortSignal,
  outage: RegExp,
): Promise<HeldToken> {
  // Counted from the request: the token is at most that old.
  const age = new Stopwatch();
  try {
    return await within(
      ANSWER_WITHIN,
      async signal => {
        const answer = await request(signal);
        const token = answer instanceof Response ? await read(answer, place, parse) : parse(answer);
        if (token === undefined) {
          throw new SetupError('INVALID_RESPONSE', `${place} answers, but not with a token.`);
        }
        return new HeldToken(token, age.elapsed());
      },
      closed,
    );
  } catch (cause) {
    if (cause instanceof TokenVendingError) {
      throw cause;
    }
    throw outage.test(String(cause))
      ? new UnavailableError(`${place} cannot be reached.`, undefined, undefined, { cause })
      : new SetupError('FETCH_FAILED', 'Fetching a token failed.', { cause });
  }
}

async function read(response: Response, place: string, parse: Parse): Promise<VendedToken | undefined> {
  const { status, headers, type } = response;
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    throw new SetupError('REDIRECTED', `${place} redirects: use the final address.`);
  }
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // HTML, or nothing.
  }
  if (response.ok) {
    return parse(body);
  }
  const problem = body as { type?: unknown; detail?: unknown; title?: unknown } | undefined;
  const detail = String(problem?.detail || problem?.title || `${place} answers ${status}.`);
  if (status === 408 || status === 429 || status >= 500) {
    throw new UnavailableError(detail, status, retryAfter(headers.get('retry-after')));
  }
  throw new RefusedError(
    status,
    String(problem?.type || 'unknown').replace(/^.*[/:#]/, ''),
    detail,
    headers.get('x-request-id') ?? undefined,
  );
}

/** Milliseconds; RFC 9110 §10.2.3 allows seconds or a date. */
function retryAfter(value: string | null): number | undefined {
  const wait = /^\d+$/.test(value!) ? Number(value) * 1000 : Date.parse(value!) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

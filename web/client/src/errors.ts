/**
 * The codes of this library's own errors. The documentation has a page with the cause of each and what to do. A
 * {@link TopicError} has Momento's code.
 */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'DENIED'
  | 'BAD_REQUEST'
  | 'THROTTLED'
  | 'UNAVAILABLE'
  | 'UNREACHABLE'
  | SetupErrorCode
  | 'CLOSED';

/** The codes of a {@link SetupError}. */
export type SetupErrorCode =
  | 'INVALID_URL'
  | 'CREDENTIALS_FAILED'
  | 'REDIRECTED'
  | 'BLOCKED'
  | 'INVALID_RESPONSE'
  | 'FETCH_FAILED'
  | 'SDK_NOT_LOADED'
  | 'CONNECT_FAILED';

/** Every error of this library is one of the five below. */
export abstract class TokenVendingError extends Error {
  /** What went wrong, for programs: an {@link ErrorCode} or, in a {@link TopicError}, Momento's code. */
  abstract readonly code: string;
}

/**
 * The token vending machine rejects the request: 401 (unauthenticated), 403 (no rule permits it) or another 4xx (the
 * request is malformed). Another attempt would not help, so the library makes none.
 */
export class RefusedError extends TokenVendingError {
  override readonly name = 'RefusedError';
  readonly code: ErrorCode;
  constructor(
    /** The HTTP status; 401 also when signing in failed before a request was sent. */
    readonly status: number,
    /** The end of the problem's type, such as `not-permitted`. */
    readonly type: string,
    /** One sentence for people. */
    readonly detail: string,
    /** The request's id in the audit log. */
    readonly requestId?: string,
  ) {
    super(detail);
    this.code = status === 401 ? 'UNAUTHENTICATED' : status === 403 ? 'DENIED' : 'BAD_REQUEST';
  }
}

/** No token is available now: 429, 5xx, or no network. The library tries again. */
export class UnavailableError extends TokenVendingError {
  override readonly name = 'UnavailableError';
  readonly code: ErrorCode;
  constructor(
    message: string,
    /** The HTTP status; undefined where there was no answer. */
    readonly status?: number,
    /** The value of `Retry-After`, in milliseconds. */
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = status === undefined ? 'UNREACHABLE' : status === 429 ? 'THROTTLED' : 'UNAVAILABLE';
  }
}

/**
 * The page, or the address that it uses, must be corrected: another attempt would fail in the same way. `cause` is the
 * original error, where there is one.
 */
export class SetupError extends TokenVendingError {
  override readonly name = 'SetupError';
  constructor(
    readonly code: SetupErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The service rejected a call to publish or subscribe. */
export class TopicError extends TokenVendingError {
  override readonly name = 'TopicError';
  constructor(
    /** Momento's code, such as `PERMISSION_ERROR`. */
    readonly code: string,
    message: string,
    /** `no`: certainly not published, so it can be sent again; `unknown`: sending it again could publish it twice. */
    readonly delivered: 'no' | 'unknown',
  ) {
    super(message);
  }
}

/** The source, or the client, was closed. */
export class ClosedError extends TokenVendingError {
  override readonly name = 'ClosedError';
  readonly code: ErrorCode = 'CLOSED';
}

/** The base class of all errors of this library. */
export abstract class TokenVendingError extends Error {}

/**
 * The token vending machine rejected the request: 401 (not authenticated), 403 (no rule allows it) or another 4xx
 * (the request is invalid). The library does not repeat it.
 */
export class RefusedError extends TokenVendingError {
  override readonly name = 'RefusedError';
  constructor(
    /** The HTTP status; also 401 if signing in failed before the request. */
    readonly status: number,
    /** The last part of the problem's type, such as `not-permitted`. */
    readonly type: string,
    /** One sentence for people. */
    readonly detail: string,
    /** The request's id in the audit log. */
    readonly requestId?: string,
  ) {
    super(detail);
  }
}

/**
 * No token is available now: 429, 503, another failure of the machine, or no network. The library repeats the
 * request.
 */
export class UnavailableError extends TokenVendingError {
  override readonly name = 'UnavailableError';
  constructor(
    message: string,
    /** The HTTP status; undefined without a response. */
    readonly status?: number,
    /** The value of `Retry-After`, in milliseconds. */
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * No request could be sent, and another attempt would not change that: `url` is not an address, a header value is not
 * allowed, or the credentials callback threw. `cause` is the original error.
 */
export class SetupError extends TokenVendingError {
  override readonly name = 'SetupError';
}

/** The service rejected a publication or subscription, with the SDK's own code. */
export class TopicError extends TokenVendingError {
  override readonly name = 'TopicError';
  constructor(
    /** Momento's code, such as `PERMISSION_ERROR`. */
    readonly code: string,
    message: string,
    /** `no`: nothing was published, so it can be sent again; `unknown`: sending it again could publish it twice. */
    readonly delivered: 'no' | 'unknown',
  ) {
    super(message);
  }
}

/** The source or the client was closed. */
export class ClosedError extends TokenVendingError {
  override readonly name = 'ClosedError';
}

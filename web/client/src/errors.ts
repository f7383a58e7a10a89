/** Every error of this library is one of the five below. */
export abstract class TokenVendingError extends Error {}

/**
 * The machine will not vend: 401 (it does not know who asks), 403 (no rule allows it) or another 4xx (the request is
 * wrong). Asking again would not help, so the library does not.
 */
export class RefusedError extends TokenVendingError {
  override readonly name = 'RefusedError';
  constructor(
    /** The HTTP status; 401 also when signing in failed before the machine was asked. */
    readonly status: number,
    /** The end of the problem's type, such as `not-permitted`. */
    readonly type: string,
    /** One sentence for people. */
    readonly detail: string,
    /** What the machine's audit trail calls this request. */
    readonly requestId?: string,
  ) {
    super(detail);
  }
}

/** No token can be had right now: 429, 503, another fault of the machine, or no network. The library asks again. */
export class UnavailableError extends TokenVendingError {
  override readonly name = 'UnavailableError';
  constructor(
    message: string,
    /** The HTTP status; undefined where there was no answer. */
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

/** The service refused to publish or to subscribe, with the SDK's own code. */
export class TopicError extends TokenVendingError {
  override readonly name = 'TopicError';
  constructor(
    /** Momento's code, such as `PERMISSION_ERROR`. */
    readonly code: string,
    message: string,
    /** `no`: surely nothing was published, so it may be sent again; `unknown`: sending it again may double it. */
    readonly delivered: 'no' | 'unknown',
  ) {
    super(message);
  }
}

/** The source, or the client, was closed. */
export class ClosedError extends TokenVendingError {
  override readonly name = 'ClosedError';
}

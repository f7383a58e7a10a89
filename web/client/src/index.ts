export { cognito, jwt, none, password } from './credentials.js';
export type { CognitoSignIn, Credentials } from './credentials.js';
export { ClosedError, RefusedError, SetupError, TokenVendingError, TopicError, UnavailableError } from './errors.js';
export type { ErrorCode, SetupErrorCode } from './errors.js';
export type { Debug } from './report.js';
export { TokenSource } from './source.js';
export type { TokenSourceOptions, TokenState } from './source.js';
export type { CustomToken, VendedToken } from './token.js';
export type { FetchToken } from './vend.js';

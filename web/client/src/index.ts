export { cognito, jwt, none, password } from './credentials.js';
export type { CognitoSignIn, Credentials } from './credentials.js';
export { ClosedError, RefusedError, SetupError, TokenVendingError, TopicError, UnavailableError } from './errors.js';
export { TokenSource } from './source.js';
export type { TokenSourceOptions, TokenState } from './source.js';
export type { VendedToken } from './token.js';
export { credentialProvider, TopicsClient } from './topics.js';
export type { Connection, TopicsClientOptions } from './topics.js';
export type { Gap, Item, Subscription, SubscriptionCallbacks, SubscriptionStatus } from './subscription.js';

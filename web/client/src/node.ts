import type { CredentialProvider } from '@gomomento/sdk';
import type { Connection } from './connection.js';
import { SetupError } from './errors.js';
import type { TokenSource } from './source.js';
import type { VendedToken } from './token.js';
import * as client from './topics-client.js';
import type { TopicsClientOptions } from './topics-client.js';

export * from './index.js';
export type { Connection, SdkDiscontinuity, SdkError, SdkItem, SdkSubscribeOptions, SdkSubscription } from './connection.js';
export type { Gap, Item, Subscription, SubscriptionCallbacks, SubscriptionStatus } from './subscription.js';
export type { PublishOptions, TopicsClientOptions } from './topics-client.js';

/**
 * Publishes and subscribes by Momento's SDK for Node.js. The process can end when the client and its source are closed.
 */
export class TopicsClient extends client.TopicsClient {
  /** The source must stay open as long as the client is used. */
  constructor(source: TokenSource, options: TopicsClientOptions = {}) {
    super(source, options, dial);
  }
}

/**
 * The credentials of a token for clients of `@gomomento/sdk`, such as its `CacheClient` and its `TopicClient`. They end
 * with the token.
 */
export async function credentialProvider(token: VendedToken): Promise<CredentialProvider> {
  const { CredentialProvider } = await sdk();
  if (token.webEndpoint === undefined) {
    return CredentialProvider.fromDisposableToken(token.authToken);
  }
  // A service on this machine, in plain text.
  const { host } = new URL(token.webEndpoint);
  return CredentialProvider.fromDisposableToken({
    apiKey: token.authToken,
    endpointOverrides: { cacheEndpoint: host, controlEndpoint: host, tokenEndpoint: host, secureConnection: false },
  });
}

async function sdk() {
  try {
    return await import('@gomomento/sdk');
  } catch (cause) {
    throw new SetupError('SDK_NOT_LOADED', 'Install @gomomento/sdk beside tokenvending-client.', { cause });
  }
}

async function dial(token: VendedToken): Promise<Connection> {
  const { NoopMomentoLoggerFactory, TopicClient, TopicConfigurations } = await sdk();
  return new TopicClient({
    configuration: TopicConfigurations.Default.latest(new NoopMomentoLoggerFactory()),
    credentialProvider: await credentialProvider(token),
  });
}

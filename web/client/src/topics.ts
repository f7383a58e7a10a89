import type { CredentialProvider } from '@gomomento/sdk-web';
import type { Connection } from './connection.js';
import { SetupError, UnavailableError } from './errors.js';
import type { TokenSource } from './source.js';
import { within } from './time.js';
import type { VendedToken } from './token.js';
import * as client from './topics-client.js';
import type { TopicsClientOptions } from './topics-client.js';

export type { Connection, SdkDiscontinuity, SdkError, SdkItem, SdkSubscribeOptions, SdkSubscription } from './connection.js';
export type { Gap, Item, Subscription, SubscriptionCallbacks, SubscriptionStatus } from './subscription.js';
export type { PublishOptions, TopicsClientOptions } from './topics-client.js';

/** Publishes and subscribes by Momento's SDK for browsers, which is loaded when it is used first. */
export class TopicsClient extends client.TopicsClient {
  /** The source must stay open as long as the client is used. */
  constructor(source: TokenSource, options: TopicsClientOptions = {}) {
    super(source, options, dial);
  }
}

/**
 * The credentials of a token for clients of `@gomomento/sdk-web`, such as its `CacheClient`. A `webEndpoint` replaces the
 * token's own.
 */
export async function credentialProvider(
  token: VendedToken,
  webEndpoint: string | undefined = token.webEndpoint,
): Promise<CredentialProvider> {
  const { CredentialProvider } = await sdk();
  return webEndpoint === undefined
    ? CredentialProvider.fromDisposableToken(token.authToken)
    : CredentialProvider.fromDisposableToken({
        apiKey: token.authToken,
        endpointOverrides: { cacheEndpoint: webEndpoint, controlEndpoint: webEndpoint, tokenEndpoint: webEndpoint },
      });
}

/** The SDK is by far the largest part of a page that uses it. */
async function sdk() {
  if (globalThis.XMLHttpRequest === undefined) {
    throw new SetupError('SDK_NOT_LOADED', 'This is no browser. In Node.js, import tokenvending-client/node.');
  }
  try {
    return await import('@gomomento/sdk-web');
  } catch (cause) {
    // A file of a bundle that cannot be fetched now, or that a new release of the page has replaced.
    throw new UnavailableError("Momento's SDK cannot be loaded.", undefined, undefined, { cause });
  }
}

async function dial(token: VendedToken): Promise<Connection> {
  const { NoopMomentoLoggerFactory, TopicClient, TopicConfigurations } = await sdk();
  return new TopicClient({
    configuration: TopicConfigurations.Default.latest(new NoopMomentoLoggerFactory()),
    credentialProvider: await credentialProvider(token, await ownName(token.webEndpoint)),
  });
}

/** A name of this machine that no other tab uses, so that the six connections of plain HTTP/1.1 are for this one alone. */
let label: string | undefined;

/**
 * The endpoint under this tab's own name when it is on this machine and in clear text (RFC 6761 §6.3: what ends in
 * `.localhost` never leaves it), and when the browser resolves such names.
 */
async function ownName(endpoint: string | undefined): Promise<string | undefined> {
  if (endpoint === undefined || !/^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(`${endpoint}/`)) {
    return endpoint;
  }
  label ??= `tab-${Math.random().toString(36).slice(2, 10)}`;
  const { port } = new URL(endpoint);
  const own = `http://${label}.localhost${port && `:${port}`}`;
  try {
    // A ping needs no credential; another call could log an error in the console.
    await within(2000, signal =>
      fetch(`${own}/cache_client.Ping/Ping`, {
        method: 'POST',
        headers: { 'content-type': 'application/grpc-web-text', 'x-grpc-web': '1' },
        body: 'AAAAAAA=',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        signal,
      }),
    );
    return own;
  } catch {
    return endpoint;
  }
}

// What is used of Momento's SDKs. Those for browsers and for Node.js both have it.

/** A message. */
export interface SdkItem {
  value(): string | Uint8Array;
  sequenceNumber(): number;
  tokenId(): string | undefined;
}

/** A place where the topic's numbers do not go on. */
export interface SdkDiscontinuity {
  newSequenceNumber(): number;
  newSequencePage(): number;
}

/** A failed call. */
export interface SdkError {
  errorCode(): string;
  message(): string;
}

/** An open stream. */
export interface SdkSubscription {
  readonly isSubscribed: boolean;
  unsubscribe(): void;
}

/** What a stream calls. */
export interface SdkSubscribeOptions {
  onItem(item: SdkItem): void;
  onHeartbeat(heartbeat: unknown): void;
  onDiscontinuity(discontinuity: SdkDiscontinuity): void;
  onError(error: SdkError, subscription: SdkSubscription): void;
}

/** A topic client of Momento's SDK for browsers or for Node.js. */
export interface Connection {
  publish(cache: string, topic: string, value: string | Uint8Array): Promise<object>;
  subscribe(cache: string, topic: string, options: SdkSubscribeOptions): Promise<SdkSubscription | SdkError>;
}

/** Whether a response of the SDK is an error. */
export function isError(response: object): response is SdkError {
  return 'errorCode' in response;
}

/** The code of an error. The SDK throws where the error is not one of the service, such as a missing browser API. */
export function codeOf(error: SdkError): string {
  try {
    return error.errorCode();
  } catch {
    return 'UNKNOWN_ERROR';
  }
}

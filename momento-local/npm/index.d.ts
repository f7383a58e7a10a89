export interface MomentoLocalOptions {
  /** The folder of an unpacked release. Default: the environment variable `TVM_HOME`. */
  home?: string;
  /** The Java to run, 25 or later. Default: the release's own on Linux, elsewhere that of `JAVA_HOME` or `PATH`. */
  java?: string;
  /** Caches to create in addition to `default-cache`. */
  caches?: string[];
  /** Whether calls without a key have full access, as those of `forMomentoLocal()`. Default: true. */
  keyless?: boolean;
  /** More options of `tvm local`. */
  args?: string[];
}

export interface MomentoLocal {
  /** The address for gRPC, gRPC-Web and the HTTP API, without TLS. */
  url: string;
  /** The address of `/seed`, `/export`, `/advance`, `/block` and the other requests for tests. */
  adminUrl: string;
  /** An API key in the form that SDKs accept. */
  apiKey: string;
  /** With `port`, what `forMomentoLocal({ hostname, port })` needs. */
  hostname: string;
  port: number;
  /** Stores caches and items, such as `{ caches: { chat: [{ key: 'a', value: 'text' }] } }`. */
  seed(snapshot: object): Promise<void>;
  /** Sets the clock forward: items and tokens expire without waiting. */
  advance(milliseconds: number): Promise<void>;
  /** Removes all items and messages, restores the caches, and sets the clock back. */
  reset(): Promise<void>;
  /** Ends it, and waits until it has ended. */
  stop(): Promise<void>;
}

/** Starts momento-local at a free port of 127.0.0.1. */
export function startMomentoLocal(options?: MomentoLocalOptions): Promise<MomentoLocal>;

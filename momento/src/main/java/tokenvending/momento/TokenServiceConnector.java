package tokenvending.momento;

/**
 * Opens ways to token services. Which one suits depends on what a process has loaded anyway:
 * grpc-java over OkHttp starts fast and brings little, for a function; a server has Netty already.
 */
@FunctionalInterface
public interface TokenServiceConnector {
  /** A connection that the first call will make. */
  TokenServiceConnection open(TokenServiceAddress address);
}

package tokenvending.momento;

/**
 * Opens ways to token services. Which one is at hand depends on what a process has loaded anyway:
 * grpc-java over OkHttp starts fast and brings little, which suits a function; a server has
 * Armeria's client already.
 */
@FunctionalInterface
public interface TokenServiceConnector {
  /** A connection that the first call will make. */
  TokenServiceConnection open(TokenServiceAddress address);
}

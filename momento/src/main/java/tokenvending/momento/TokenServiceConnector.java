package tokenvending.momento;

/**
 * Opens ways to token services. Which one suits depends on what a process has loaded anyway: a
 * server has Netty; a function, whose start somebody waits for, has one over the JDK's sockets.
 */
@FunctionalInterface
public interface TokenServiceConnector {
  /** A connection that the first call will make. */
  TokenServiceConnection open(TokenServiceAddress address);
}

package tokenvending.momento;

/** Opens connections to token services. */
@FunctionalInterface
public interface TokenServiceConnector {
  /** Returns a connection, which its first call opens. */
  TokenServiceConnection open(TokenServiceAddress address);
}

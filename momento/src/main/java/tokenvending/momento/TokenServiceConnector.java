package tokenvending.momento;

/** Opens connections to token services. */
@FunctionalInterface
public interface TokenServiceConnector {
  /** A connection, which the first call makes. */
  TokenServiceConnection open(TokenServiceAddress address);
}

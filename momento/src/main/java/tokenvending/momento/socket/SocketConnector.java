package tokenvending.momento.socket;

import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceConnector;

/**
 * Opens HTTP/2 connections over the JDK's own sockets: a client by hand, for processes whose start
 * somebody waits for. grpc-java needs a thousand classes for the same call, a third of all that a
 * function's start costs; the JDK's HTTP client shows no trailers.
 */
public final class SocketConnector implements TokenServiceConnector {
  private final LongSupplier nanoTime;
  private final Optional<TrustManagerFactory> trusted;

  private SocketConnector(LongSupplier nanoTime, Optional<TrustManagerFactory> trusted) {
    this.nanoTime = nanoTime;
    this.trusted = trusted;
  }

  /**
   * Trusts whom the JDK trusts.
   *
   * @param nanoTime a clock that never steps
   */
  public SocketConnector(LongSupplier nanoTime) {
    this(nanoTime, Optional.empty());
  }

  /** The same, trusting these only. */
  public SocketConnector trusting(TrustManagerFactory others) {
    return new SocketConnector(nanoTime, Optional.of(others));
  }

  @Override
  public TokenServiceConnection open(TokenServiceAddress address) {
    return new SocketConnection(address, this::tls, nanoTime);
  }

  private SSLContext tls() {
    try {
      if (trusted.isEmpty()) {
        return SSLContext.getDefault();
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trusted.get().getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("TLS cannot be had from this JDK", e);
    }
  }
}

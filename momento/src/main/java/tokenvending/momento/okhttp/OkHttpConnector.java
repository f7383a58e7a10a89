package tokenvending.momento.okhttp;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import javax.net.ssl.TrustManagerFactory;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceConnector;

/** Opens connections of grpc-java over OkHttp. */
public final class OkHttpConnector implements TokenServiceConnector {
  private final ChannelCredentials tls;

  private OkHttpConnector(ChannelCredentials tls) {
    this.tls = tls;
  }

  /** Trusts whom the JDK trusts. */
  public OkHttpConnector() {
    this(TlsChannelCredentials.create());
  }

  /** Trusts these only. */
  public static OkHttpConnector trusting(TrustManagerFactory trusted) {
    return new OkHttpConnector(
        TlsChannelCredentials.newBuilder().trustManager(trusted.getTrustManagers()).build());
  }

  @Override
  public TokenServiceConnection open(TokenServiceAddress address) {
    return OkHttpConnection.open(address, tls);
  }
}

package tokenvending.momento;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import tokenvending.momento.wire.TokenGrpc;
import tokenvending.momento.wire._GenerateDisposableTokenRequest;

/**
 * A call that leaves nothing behind but loaded classes: it has no key, and what it goes through
 * opens no socket. For a process whose first caller is waiting already, while the key is fetched.
 */
public final class Rehearsal {
  private static final TokenServiceAddress NOBODY =
      TokenServiceAddress.tls(new HostAndPort("127.0.0.1", 443));

  private Rehearsal() {}

  public static void run() {
    ManagedChannel channel =
        TokenServiceConnection.builder(NOBODY, TlsChannelCredentials.create())
            .socketFactory(new NoSockets())
            .build();
    try {
      var _ =
          ClientCalls.blockingUnaryCall(
              channel,
              TokenGrpc.getGenerateDisposableTokenMethod(),
              CallOptions.DEFAULT
                  .withDeadlineAfter(1, TimeUnit.SECONDS)
                  .withStreamTracerFactory(new AnswerTrace()),
              _GenerateDisposableTokenRequest.newBuilder()
                  .setExpires(_GenerateDisposableTokenRequest.Expires.newBuilder())
                  .build());
    } catch (StatusRuntimeException e) {
      // As expected: nobody was reached.
    } finally {
      channel.shutdownNow();
    }
  }

  private static final class NoSockets extends SocketFactory {
    private static Socket none() throws IOException {
      throw new IOException("a rehearsal connects to nobody");
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return none();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort)
        throws IOException {
      return none();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return none();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
        throws IOException {
      return none();
    }
  }
}

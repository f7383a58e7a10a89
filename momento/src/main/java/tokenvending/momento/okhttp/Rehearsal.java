package tokenvending.momento.okhttp;

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
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.wire._GenerateDisposableTokenRequest;

/**
 * A call that leaves nothing behind but loaded classes: it has no key, and what it goes through
 * opens no socket. For a process whose first caller is waiting already, while the key is fetched.
 */
public final class Rehearsal {
  private Rehearsal() {}

  public static void run() {
    if (TokenServiceAddress.parse("https://127.0.0.1")
        instanceof TokenServiceAddress.Parsed.Good(TokenServiceAddress nobody)) {
      call(nobody);
    }
  }

  private static void call(TokenServiceAddress nobody) {
    ManagedChannel channel =
        OkHttpConnection.builder(nobody, TlsChannelCredentials.create())
            .socketFactory(new NoSockets())
            .build();
    try {
      var _ =
          ClientCalls.blockingUnaryCall(
              channel,
              OkHttpConnection.METHOD,
              CallOptions.DEFAULT
                  .withDeadlineAfter(1, TimeUnit.SECONDS)
                  .withStreamTracerFactory(new AnswerTrace()),
              _GenerateDisposableTokenRequest.newBuilder()
                  .setExpires(_GenerateDisposableTokenRequest.Expires.newBuilder())
                  .build()
                  .toByteString());
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

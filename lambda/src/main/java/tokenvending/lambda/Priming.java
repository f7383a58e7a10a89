package tokenvending.lambda;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tokenvending.api.Api;
import tokenvending.api.ApiRequest;
import tokenvending.api.Body;
import tokenvending.api.Query;
import tokenvending.identity.ClientAddress;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceConnector;

/** Runs the request path once before a snapshot, as far as that needs neither key nor network. */
final class Priming {
  private static final int LOOPBACK_MILLIS = 1_000;

  private Priming() {}

  static void run(Api api) {
    for (String method : List.of("OPTIONS", "PUT")) {
      var _ = api.handle(request(method));
    }
  }

  /** Opens a connection to this process up to the ClientHello, and closes it. */
  static void connect(TokenServiceConnector connector) {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(LOOPBACK_MILLIS);
      Thread.ofPlatform().daemon().name("priming").start(() -> hangUpAfterHello(server));
      TokenServiceConnection connection =
          connector.open(TokenServiceAddress.loopbackTls(server.getLocalPort()));
      var _ = connection.call(ByteString.EMPTY, Duration.ofMillis(LOOPBACK_MILLIS));
      connection.close();
    } catch (IOException e) {
      // The first vend loads the rest.
    }
  }

  private static void hangUpAfterHello(ServerSocket server) {
    try (Socket client = server.accept()) {
      client.setSoTimeout(LOOPBACK_MILLIS);
      var _ = client.getInputStream().read(new byte[4096]);
    } catch (IOException e) {
      // The call ends in any case.
    }
  }

  private static ApiRequest request(String method) {
    return new ApiRequest(
        method,
        "/",
        new Query.Decoded(List.of()),
        Map.of(),
        Body.empty(),
        new ClientAddress(InetAddress.getLoopbackAddress()),
        Instant.EPOCH);
  }
}

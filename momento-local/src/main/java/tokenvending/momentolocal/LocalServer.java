package tokenvending.momentolocal;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A {@link MomentoLocal} on a port of its own; closing it ends both. */
final class LocalServer implements AutoCloseable {

  private final MomentoLocal local;
  private final Server server;

  private LocalServer(MomentoLocal local, Server server) {
    this.local = local;
    this.server = server;
  }

  /**
   * Starts to serve on 127.0.0.1.
   *
   * @param port 0 for any free one
   * @throws CompletionException when the port cannot be had
   */
  static LocalServer start(MomentoLocal local, int port) {
    ServerBuilder builder =
        Server.builder()
            .http(new InetSocketAddress(loopback(), port))
            .disableServerHeader()
            .maxNumConnections(2_000)
            .http2MaxStreamsPerConnection(100)
            // Room for the longest token beside what browsers add.
            .http1MaxHeaderSize(16 * 1024)
            .http2MaxHeaderListSize(16 * 1024)
            .gracefulShutdownTimeout(Duration.ofMillis(100), Duration.ofSeconds(2));
    local.attachTo(builder);
    Server server = builder.build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      local.close();
      server.close();
      throw e;
    }
    return new LocalServer(local, server);
  }

  int port() {
    return server.activeLocalPort();
  }

  /** Ends the streams first, so that subscribers hear of it while the connections still live. */
  CompletableFuture<Void> stop() {
    local.close();
    return server.stop();
  }

  @Override
  public void close() {
    stop().join();
  }

  private static InetAddress loopback() {
    try {
      // By number: a name could resolve to something that others can reach.
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}

package tokenvending.momentolocal;

import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import tokenvending.momentolocal.http.TextResponse;

/** A {@link MomentoLocal} on its own port; closing it closes both. */
public final class LocalServer implements AutoCloseable {

  private final MomentoLocal local;
  private final Server server;
  private final Connections connections;

  private LocalServer(MomentoLocal local, Server server, Connections connections) {
    this.local = local;
    this.server = server;
    this.connections = connections;
  }

  /**
   * Starts to serve on 127.0.0.1.
   *
   * @param local what to serve; it is closed with this server
   * @param port 0 for a free one
   * @throws CompletionException if the port cannot be bound
   */
  public static LocalServer start(MomentoLocal local, int port) {
    return start(local, loopback(), port);
  }

  /**
   * Starts to serve at an address. At an address that is not loopback, every machine that reaches
   * it can use the keys.
   *
   * @param local what to serve; it is closed with this server
   * @param port 0 for a free one
   * @throws CompletionException if the port cannot be bound
   */
  static LocalServer start(MomentoLocal local, InetAddress address, int port) {
    local.listenAt(address);
    try {
      return start(local, address, port, local::attachTo, local.guard());
    } catch (CompletionException e) {
      local.close();
      throw e;
    }
  }

  /**
   * Starts to serve on 127.0.0.1 to clients with and without a key. Every program on this machine
   * that reaches the port has full access.
   *
   * @param local what to serve; it is closed with this server, but not if the port is unavailable
   * @param port 0 for a free one
   * @throws CompletionException if the port cannot be bound
   */
  public static LocalServer startKeyless(MomentoLocal local, int port) {
    return start(local, loopback(), port, local::attachKeylessTo, LoopbackGuard.loopbackOnly());
  }

  private static LocalServer start(
      MomentoLocal local,
      InetAddress address,
      int port,
      Consumer<ServerBuilder> attach,
      LoopbackGuard guard) {
    Connections connections = new Connections();
    ServerBuilder builder =
        builder(address, port)
            .maxNumConnections(2_000)
            .childChannelPipelineCustomizer(connections::add)
            .gracefulShutdownTimeout(Duration.ofMillis(50), Duration.ofSeconds(1));
    attach.accept(builder);
    HttpService nothing =
        (context, request) -> TextResponse.of(HttpStatus.NOT_FOUND, "no such path");
    builder.serviceUnder("/", nothing.decorate(guard));
    return new LocalServer(local, start(builder), connections);
  }

  /** Returns a builder of a server at an address; port 0 is a free one. */
  static ServerBuilder builder(InetAddress address, int port) {
    return Server.builder()
        .http(new InetSocketAddress(address, port))
        .disableServerHeader()
        // Two servers in one process would conflict in the names of Armeria's meters.
        .meterRegistry(new CompositeMeterRegistry())
        .http2MaxStreamsPerConnection(100)
        // Room for the longest token and the headers of a browser.
        .http1MaxHeaderSize(16 * 1024)
        .http2MaxHeaderListSize(16 * 1024);
  }

  /**
   * Starts a server.
   *
   * @throws CompletionException if the port cannot be bound
   */
  static Server start(ServerBuilder builder) {
    Server server = builder.build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** Closes all connections, and every new one, until {@link #unblock}. */
  public void block() {
    connections.block();
  }

  /** Accepts connections again. */
  public void unblock() {
    connections.unblock();
  }

  /** The port that it listens at. */
  public int port() {
    return server.activeLocalPort();
  }

  /**
   * Ends the streams first, so that subscribers receive their status while connections are open.
   */
  CompletableFuture<Void> stop() {
    local.close();
    return server.stop();
  }

  /** Stops, and waits until the port is released, at most two seconds. */
  @Override
  public void close() {
    // The future is not awaited: it completes two seconds after everything is closed.
    var _ = stop();
    try {
      for (int i = 0;
          i < 200 && (!server.activePorts().isEmpty() || server.numConnections() > 0);
          i++) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns 127.0.0.1. */
  static InetAddress loopback() {
    try {
      // By number, because a name could resolve to an address that other machines reach.
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}

package tokenvending.server;

import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import tokenvending.api.Api;

/**
 * The HTTP server, with every limit written out: Armeria's own defaults leave most of them open.
 */
final class HttpListener implements AutoCloseable {
  private static final int CONNECTIONS = 2_000;
  private static final int STREAMS_PER_CONNECTION = 100;
  private static final int REQUEST_LINE = 4 * 1024;
  private static final int HEADERS = 8 * 1024;
  private static final int BODY = 16 * 1024;

  /** How long a request may take, its body included. */
  static final Duration REQUEST = Duration.ofSeconds(10);

  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Server server;
  private final ExecutorService executor;
  private final ArmeriaApi adapter;
  private final int port;

  private HttpListener(Server server, ExecutorService executor, ArmeriaApi adapter, int port) {
    this.server = server;
    this.adapter = adapter;
    this.executor = executor;
    this.port = port;
  }

  /**
   * Listens.
   *
   * @param guard wraps the vend routes; in local use it keeps other people's pages out
   * @param more adds what else lives on this port
   * @throws CannotListen when the port cannot be had
   */
  static HttpListener start(
      HttpSettings settings,
      Supplier<Api> api,
      UnaryOperator<HttpService> guard,
      Consumer<ServerBuilder> more) {
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    ArmeriaApi adapter =
        new ArmeriaApi(api, new ClientAddresses(settings.trustedProxy()), executor);
    ServerBuilder builder = Server.builder();
    InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
    settings
        .tls()
        .ifPresentOrElse(
            tls -> {
              builder.port(address, SessionProtocol.HTTPS);
              builder.tls(TlsKeyPair.of(tls.key().toFile(), tls.certificate().toFile()));
            },
            () -> builder.port(address, SessionProtocol.HTTP));
    limit(builder, settings);
    builder.errorHandler(new HttpErrors(api, adapter));
    more.accept(builder);
    builder.serviceUnder("/", guard.apply(adapter));
    Server server = builder.build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      server.close();
      executor.close();
      throw new CannotListen(settings, e);
    }
    return new HttpListener(server, executor, adapter, server.activeLocalPort());
  }

  private static void limit(ServerBuilder builder, HttpSettings settings) {
    builder
        .maxNumConnections(CONNECTIONS)
        .http2MaxStreamsPerConnection(STREAMS_PER_CONNECTION)
        .http1MaxInitialLineLength(REQUEST_LINE)
        .http1MaxHeaderSize(HEADERS)
        .http2MaxHeaderListSize(HEADERS)
        .maxRequestLength(BODY)
        .requestTimeout(REQUEST)
        .idleTimeout(IDLE)
        // First no new connections, then what is in flight may end.
        .gracefulShutdownTimeout(Duration.ofMillis(500), Duration.ofSeconds(12))
        .disableServerHeader();
    settings.connectionAge().ifPresent(builder::maxConnectionAge);
  }

  /** The port that was taken; of interest when the system chose it. */
  int port() {
    return port;
  }

  /** Waits until no request of the vend routes is under way, though not for ever. */
  void awaitIdle() {
    adapter.awaitIdle(REQUEST);
  }

  /** Lets what is in flight end, then stops. */
  @Override
  public void close() {
    server.stop().join();
    executor.close();
  }

  /** The address cannot be had; the message says which, in one sentence. */
  static final class CannotListen extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CannotListen(HttpSettings settings, CompletionException cause) {
      super(
          "cannot listen on %s:%d: %s".formatted(settings.host(), settings.port(), why(cause)),
          cause);
    }

    /** The system's own words, of which each transport makes exceptions of its own kind. */
    private static String why(CompletionException cause) {
      String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (words.contains("in use")) {
        return "the port is in use; choose another with --port";
      }
      return words.contains("denied")
          ? "this user may not take that port; choose one above 1023"
          : "it is no address of this machine";
    }
  }
}

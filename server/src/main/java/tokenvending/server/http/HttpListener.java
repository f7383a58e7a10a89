package tokenvending.server.http;

import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tokenvending.api.Body;
import tokenvending.api.Routes;
import tokenvending.observation.ReloadState.Reload;

/** The HTTP server with all of its limits. */
public final class HttpListener implements AutoCloseable {
  /** The most concurrent requests on a connection: HTTP/2 streams, or pipelined HTTP/1 requests. */
  private static final int REQUESTS_PER_CONNECTION = 100;

  private static final int REQUEST_LINE = 4 * 1024;
  static final int HEADERS = 8 * 1024;

  /** The time for sending the response to a request that timed out. */
  private static final Duration CUT_AFTER_TIMEOUT = Duration.ofSeconds(1);

  /** The time without a new request after which a stopping listener closes its connections. */
  private static final Duration QUIET = Duration.ofMillis(50);

  private static final Duration LATE = Duration.ofSeconds(1);
  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(2);

  private final Server server;
  private final ConnectionShares shares;
  private final ExecutorService executor;
  private final ArmeriaApi adapter;
  private final Optional<TlsFiles> tls;
  private final int port;
  private final Duration request;

  private HttpListener(
      Server server,
      ConnectionShares shares,
      ExecutorService executor,
      ArmeriaApi adapter,
      Optional<TlsFiles> tls,
      int port,
      Duration request) {
    this.server = server;
    this.shares = shares;
    this.adapter = adapter;
    this.executor = executor;
    this.tls = tls;
    this.port = port;
    this.request = request;
  }

  /**
   * Starts a listener.
   *
   * @param rules the current settings for clients
   * @param clock for the dates of certificates
   * @param more adds further services to this port
   * @throws CannotListen if the port cannot be bound
   * @throws TlsFiles.UnusableTls if the files are not a certificate and its key
   */
  public static HttpListener start(
      HttpSettings settings,
      Supplier<? extends Routes> api,
      Supplier<ClientRules> rules,
      InstantSource clock,
      Consumer<ServerBuilder> more) {
    InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
    if (address.isUnresolved()) {
      throw new CannotListen(settings);
    }
    try (OpenedResources opened = new OpenedResources()) {
      ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
      opened.add(executor::close);
      ArmeriaApi adapter =
          new ArmeriaApi(
              api,
              new HostRule(address.getAddress(), settings.host(), rules),
              new ClientAddresses(peer -> rules.get().trustedProxy().test(peer)),
              executor);
      ServerBuilder builder = Server.builder();
      Optional<TlsFiles> tls = settings.tls().map(files -> TlsFiles.watch(files, clock));
      tls.ifPresentOrElse(
          files -> {
            opened.add(files::close);
            builder.port(address, SessionProtocol.HTTPS);
            builder.tlsProvider(files);
          },
          () -> builder.port(address, SessionProtocol.HTTP));
      CurrentPeer peers = new CurrentPeer();
      ConnectionShares shares = new ConnectionShares(rules);
      limit(builder, settings, peers, shares);
      builder.errorHandler(new HttpErrors(api, adapter, peers));
      more.accept(builder);
      builder.serviceUnder("/", adapter);
      Server server = builder.build();
      opened.add(server::close);
      listen(server, settings);
      HttpListener listener =
          new HttpListener(
              server,
              shares,
              executor,
              adapter,
              tls,
              server.activeLocalPort(),
              settings.limits().request());
      opened.keep();
      return listener;
    }
  }

  private static void listen(Server server, HttpSettings settings) {
    try {
      server.start().join();
    } catch (CompletionException e) {
      throw new CannotListen(settings, e);
    }
  }

  private static void limit(
      ServerBuilder builder, HttpSettings settings, CurrentPeer peers, ConnectionShares shares) {
    builder
        .maxNumConnections(settings.limits().connections())
        .http2MaxStreamsPerConnection(REQUESTS_PER_CONNECTION)
        .http1MaxInitialLineLength(REQUEST_LINE)
        .http1MaxHeaderSize(HEADERS)
        // Headers slightly above the limit are read, so that the rejection has CORS headers.
        .http2MaxHeaderListSize(2 * HEADERS)
        .maxRequestLength(Body.LIMIT)
        .requestTimeout(settings.limits().request())
        .idleTimeout(settings.limits().idle())
        // Earlier requests are answered by then; this is for late ones.
        .gracefulShutdownTimeout(QUIET, LATE)
        .disableServerHeader()
        // Clients cause these exceptions, and the report would quote them.
        .unloggedExceptionsReportInterval(Duration.ZERO)
        // Two listeners in one process would conflict in the names of Armeria's meters.
        .meterRegistry(new CompositeMeterRegistry())
        .childChannelPipelineCustomizer(
            pipeline -> {
              shares.admit(pipeline.channel());
              BackPressure pressure = new BackPressure();
              String framing =
                  Http1Framing.addTo(
                      pipeline,
                      settings.limits().header(),
                      settings.limits().request().plus(CUT_AFTER_TIMEOUT),
                      REQUESTS_PER_CONNECTION,
                      pressure);
              peers.follow(pipeline, framing);
              pipeline.addFirst(pressure, new ProvokedResets());
            });
    settings.connectionAge().ifPresent(builder::maxConnectionAge);
  }

  /** The bound port, which the system selects for port 0. */
  public int port() {
    return port;
  }

  /** Returns the result of the latest reading of the TLS files; empty without TLS. */
  public Optional<Reload> tlsReload() {
    return tls.map(TlsFiles::reload);
  }

  /**
   * Waits until every request that has arrived is answered, at most as long as a request can take.
   */
  public void awaitArrived() {
    adapter.awaitArrived(request);
  }

  /** Starts to stop: accepts no more connections, and closes the open ones soon. */
  public void stop() {
    shares.close();
    // The future is not awaited: it completes two seconds after everything is closed.
    var _ = server.stop();
  }

  /** Stops, and waits until the port is released. */
  @Override
  public void close() {
    stop();
    Polling.until(
        () -> server.activePorts().isEmpty() && server.numConnections() == 0, CLOSED_WITHIN);
    // The clients of the remaining requests are gone.
    executor.shutdownNow();
    tls.ifPresent(TlsFiles::close);
  }

  /** The address cannot be bound; the message is one sentence that names it. */
  public static final class CannotListen extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String NOT_HERE = "it is not an address of this machine";

    /** The host does not exist. */
    CannotListen(HttpSettings settings) {
      super(sentence(settings, NOT_HERE));
    }

    CannotListen(HttpSettings settings, CompletionException cause) {
      super(sentence(settings, why(cause)), cause);
    }

    private static String sentence(HttpSettings settings, String why) {
      return "cannot listen on %s:%d: %s"
          .formatted(HttpSettings.urlHost(settings.host()), settings.port(), why);
    }

    /** Returns the system's message, which each transport wraps in its own exception. */
    private static String why(CompletionException cause) {
      String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (words.contains("in use")) {
        return "the port is in use; choose another with --port";
      }
      return words.contains("denied")
          ? "this user cannot use that port; choose one above 1023"
          : NOT_HERE;
    }
  }
}

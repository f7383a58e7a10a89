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
  /** At a time: the streams of HTTP/2, and what is pipelined over HTTP/1. */
  private static final int REQUESTS_PER_CONNECTION = 100;

  private static final int REQUEST_LINE = 4 * 1024;
  static final int HEADERS = 8 * 1024;

  /** The answer that says so goes first. */
  private static final Duration CUT_AFTER_TIMEOUT = Duration.ofSeconds(1);

  /** How long no request must come before a listener that stops closes its connections. */
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
   * Listens.
   *
   * @param rules what the file says of clients, as it is now
   * @param clock for the dates of certificates
   * @param more adds what else lives on this port
   * @throws CannotListen when the port cannot be had
   * @throws TlsFiles.UnusableTls when the files of a certificate and its key are not that
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
        // What is larger than allowed but not by much is read, so that its answer has CORS headers.
        .http2MaxHeaderListSize(2 * HEADERS)
        .maxRequestLength(Body.LIMIT)
        .requestTimeout(settings.limits().request())
        .idleTimeout(settings.limits().idle())
        // Requests that arrived before are answered by then, so this is for the late ones.
        .gracefulShutdownTimeout(QUIET, LATE)
        .disableServerHeader()
        // Clients cause these; the report would quote them.
        .unloggedExceptionsReportInterval(Duration.ZERO)
        // Two listeners in one process would quarrel about the names of Armeria's own meters.
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

  /** The port that was taken; of interest when the system chose it. */
  public int port() {
    return port;
  }

  /** Whether the TLS files could be read the last time; empty without TLS. */
  public Optional<Reload> tlsReload() {
    return tls.map(TlsFiles::reload);
  }

  /** Waits until every request that has arrived is answered, as long as a request can take. */
  public void awaitArrived() {
    adapter.awaitArrived(request);
  }

  /** Begins to stop: no connection is accepted any more, and the open ones are closed soon. */
  public void stop() {
    shares.close();
    // Its future is of no use: it waits for two seconds after everything is closed.
    var _ = server.stop();
  }

  /** Stops, and waits until the port is given back. */
  @Override
  public void close() {
    stop();
    Polling.until(
        () -> server.activePorts().isEmpty() && server.numConnections() == 0, CLOSED_WITHIN);
    // What runs now has nobody to answer.
    executor.shutdownNow();
    tls.ifPresent(TlsFiles::close);
  }

  /** The address cannot be had; the message says which, in one sentence. */
  public static final class CannotListen extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String NOT_HERE = "it is no address of this machine";

    /** There is no such host. */
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

    /** The system's own words, of which each transport makes exceptions of its own kind. */
    private static String why(CompletionException cause) {
      String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (words.contains("in use")) {
        return "the port is in use; choose another with --port";
      }
      return words.contains("denied")
          ? "this user may not take that port; choose one above 1023"
          : NOT_HERE;
    }
  }
}

package tokenvending.server.lifecycle;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.api.Api;
import tokenvending.api.Body;
import tokenvending.api.ManagementApi;
import tokenvending.api.PageFolder;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.application.RuntimeEnvironment.LocalMomento;
import tokenvending.aws.SecretsManagerStore;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.CorsSettings;
import tokenvending.configuration.LocalUse;
import tokenvending.configuration.ServerSettings;
import tokenvending.metrics.Meters;
import tokenvending.momento.TokenServiceConnector;
import tokenvending.momentolocal.LocalServer;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.observation.Input;
import tokenvending.observation.Observer;
import tokenvending.observation.ReloadState;
import tokenvending.observation.ReloadState.Reload;
import tokenvending.policy.RuleDocument;
import tokenvending.secret.Secret;
import tokenvending.server.http.ClientRules;
import tokenvending.server.http.HttpListener;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.http.OpenedResources;
import tokenvending.server.http.TlsFiles;

/** A listener, its application and, in local use, momento-local. Starts and stops them in order. */
public final class RunningServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningServer.class);
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  /** How often inputs are checked without traffic, so that changes and failures are noticed. */
  private static final Duration TEND = Duration.ofSeconds(5);

  private final HttpListener listener;
  private final AtomicReference<Api> api;
  private final AtomicReference<ClientRules> rules;
  private final AtomicReference<Application> application;
  private final PageFolder pages;
  private final String policyFile;
  private final Optional<MomentoLocal> local;
  private final AtomicReference<Optional<LocalServer>> keyless =
      new AtomicReference<>(Optional.empty());
  private final Optional<Meters> meters;
  private final Optional<HttpListener> management;
  private final ServerSettings started;
  private final AtomicBoolean stopping;
  private final ReloadState policy;
  private final Duration longestRequest;
  private final CountDownLatch closed = new CountDownLatch(1);

  private RunningServer(
      HttpListener listener,
      AtomicReference<Api> api,
      AtomicReference<ClientRules> rules,
      AtomicReference<Application> application,
      PageFolder pages,
      String policyFile,
      Optional<MomentoLocal> local,
      Optional<Meters> meters,
      Optional<HttpListener> management,
      AtomicBoolean stopping,
      ReloadState policy,
      ServerSettings started,
      HttpSettings settings) {
    this.listener = listener;
    this.api = api;
    this.rules = rules;
    this.application = application;
    this.pages = pages;
    this.policyFile = policyFile;
    this.local = local;
    this.meters = meters;
    this.management = management;
    this.stopping = stopping;
    this.policy = policy;
    this.started = started;
    this.longestRequest = settings.limits().request();
  }

  /**
   * Starts the server.
   *
   * @param pages the demo pages, if they are enabled
   * @param policyFile where the policy is, for the start page in local use
   * @param isLocal whether to start momento-local
   * @param connector opens connections to Momento's token service
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   * @throws HttpListener.CannotListen if the port cannot be bound
   * @throws TlsFiles.UnusableTls if the files are not a certificate and its key
   */
  public static RunningServer start(
      Configuration configuration,
      HttpSettings settings,
      PageFolder pages,
      String policyFile,
      boolean isLocal,
      TokenServiceConnector connector,
      LongSupplier nanoTime,
      Map<String, String> environment) {
    InstantSource clock = InstantSource.system();
    RandomGenerator random = new SecureRandom();
    // In local use the vend path needs the listener's own port. Until it is bound, requests get
    // 503.
    Api notYet = Api.starting(Application.origins(configuration, isLocal), clock, random);
    AtomicReference<Api> api = new AtomicReference<>(notYet);
    AtomicReference<ClientRules> rules = new AtomicReference<>(ClientRules.of(configuration));
    // Without a management port there are no metrics.
    Optional<Meters> meters =
        configuration
            .server()
            .management()
            .map(address -> new Meters(Version.packaged().orElse("not-packaged")));
    try (OpenedResources opened = new OpenedResources()) {
      meters.ifPresent(counting -> opened.add(counting::close));
      meters.ifPresent(counting -> counting.rulesInForce(rules(configuration)));
      Optional<MomentoLocal> local =
          isLocal
              ? Optional.of(MomentoLocal.start(MomentoLocalOptions.defaults()))
              : Optional.empty();
      local.ifPresent(momento -> opened.add(momento::close));
      local.ifPresent(momento -> allow(momento, configuration));
      local.ifPresent(momento -> LocalUse.caches(configuration).forEach(momento::createCache));
      Function<Optional<LocalMomento>, Application> machine =
          momento ->
              Application.of(
                  configuration,
                  new RuntimeEnvironment(
                          environment,
                          // Not System.out, which hides failures.
                          new FileOutputStream(FileDescriptor.out),
                          clock,
                          nanoTime,
                          random,
                          connector,
                          momento)
                      .with(new SecretsManagerStore(clock, nanoTime))
                      .with(new ServerStateOpener(environment, clock))
                      .with(meters.<Observer>map(counting -> counting).orElseGet(Observer::none)));
      // Connecting to Momento takes as long as binding the port, so both happen at once.
      Optional<Application> early =
          isLocal ? Optional.empty() : Optional.of(machine.apply(Optional.empty()));
      early.ifPresent(one -> opened.add(one::close));
      early.ifPresent(one -> Thread.ofVirtual().name("connect").start(() -> one.connect(CONNECT)));
      HttpListener listener =
          HttpListener.start(
              settings,
              api::get,
              rules::get,
              clock,
              builder -> local.ifPresent(momento -> momento.attachTo(builder)));
      opened.add(listener::close);
      Application first =
          early.orElseGet(
              () ->
                  machine.apply(
                      local.map(
                          momento ->
                              new LocalMomento(
                                  Secret.of(momento.credentials().apiKey()),
                                  URI.create(
                                      "http://"
                                          + HttpSettings.urlHost(settings.host())
                                          + ":"
                                          + listener.port())))));
      if (early.isEmpty()) {
        opened.add(first::close);
      }
      AtomicReference<Application> application = new AtomicReference<>(first);
      AtomicBoolean stopping = new AtomicBoolean();
      ReloadState policy = new ReloadState(Input.POLICY, clock);
      var _ = policy.succeeded();
      Supplier<List<Reload>> reloads =
          () ->
              Stream.of(
                      Stream.of(policy.now()),
                      application.get().reloads().stream(),
                      listener.tlsReload().stream())
                  .flatMap(some -> some)
                  .toList();
      Optional<HttpListener> management =
          meters.map(
              counting ->
                  manage(
                      configuration.server().management().orElseThrow(),
                      settings,
                      application,
                      rules::get,
                      stopping,
                      reloads,
                      counting,
                      clock,
                      random));
      management.ifPresent(one -> opened.add(one::close));
      api.set(routes(first, pages, policyFile, isLocal));
      RunningServer server =
          new RunningServer(
              listener,
              api,
              rules,
              application,
              pages,
              policyFile,
              local,
              meters,
              management,
              stopping,
              policy,
              configuration.server(),
              settings);
      Thread.ofVirtual().name("tend").start(server::tend);
      opened.keep();
      return server;
    }
  }

  private static List<String> rules(Configuration configuration) {
    return configuration.policyDocument().rules().stream().map(RuleDocument::id).toList();
  }

  private static Api routes(
      Application application, PageFolder pages, String policyFile, boolean isLocal) {
    Api api = isLocal ? application.api().forLocalUse() : application.api();
    return application.pages(pages, policyFile).map(api::with).orElse(api);
  }

  /** Applies the file's CORS and client settings to momento-local. */
  private static void allow(MomentoLocal momento, Configuration configuration) {
    Set<String> origins =
        switch (configuration.cors()) {
          // Every page can get a token, but only pages from named origins can use it with momento-
          // local.
          case CorsSettings.AnyOrigin() -> Set.of();
          case CorsSettings.Only(List<String> listed) -> Set.copyOf(listed);
        };
    momento.guard().allow(Set.copyOf(configuration.server().allowedHosts()), origins);
  }

  private static HttpListener manage(
      ServerSettings.Management address,
      HttpSettings settings,
      AtomicReference<Application> application,
      Supplier<ClientRules> rules,
      AtomicBoolean stopping,
      Supplier<List<Reload>> reloads,
      Meters meters,
      InstantSource clock,
      RandomGenerator random) {
    ManagementApi routes =
        new ManagementApi(
            () ->
                stopping.get()
                    ? Optional.of("the server stops")
                    : application.get().notReadyReason(),
            () -> failed(reloads.get()),
            () -> Body.of(meters.text(application.get().condition().with(reloads.get()))),
            random);
    return HttpListener.start(
        new HttpSettings(
            address.host(),
            address.port(),
            Optional.empty(),
            settings.connectionAge(),
            settings.limits()),
        () -> routes,
        rules,
        clock,
        builder -> {});
  }

  private static Map<String, String> failed(List<Reload> reloads) {
    Map<String, String> failed = new LinkedHashMap<>();
    for (Reload reload : reloads) {
      reload.problem().ifPresent(problem -> failed.put(reload.input().label(), problem));
    }
    return failed;
  }

  /** Returns the result of the latest reading of the policy file. */
  public ReloadState policy() {
    return policy;
  }

  /** Computes the not-ready reasons periodically, which makes every part refresh its inputs. */
  private void tend() {
    try {
      while (!closed.await(TEND.toMillis(), TimeUnit.MILLISECONDS)) {
        var _ = application.get().notReadyReason();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until a token can be vended, and connects to the token service, so that the first caller
   * does not wait for it. Does not wait for an unavailable service.
   *
   * @param waiting receives the not-ready reason, and again when it changes
   * @return false if the server stops first
   */
  public boolean awaitReady(Consumer<String> waiting) throws InterruptedException {
    Optional<String> reported = Optional.empty();
    do {
      Optional<String> notReadyReason = application.get().notReadyReason();
      if (notReadyReason.isEmpty()) {
        application.get().connect(CONNECT);
        if (stopping.get()) {
          return false;
        }
        // After the first requests, which then do not wait for it.
        Thread.ofVirtual().name("meters").start(() -> meters.ifPresent(Meters::warmUp));
        return true;
      }
      if (!notReadyReason.equals(reported) && !stopping.get()) {
        waiting.accept(notReadyReason.get());
        reported = notReadyReason;
      }
    } while (!closed.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS));
    return false;
  }

  /**
   * Applies another configuration from the next request on. Requests in progress finish with the
   * old one, whose parts are closed afterwards. Logs keys that need a restart.
   */
  public synchronized void change(Configuration changed) {
    local.ifPresent(momento -> LocalUse.caches(changed).forEach(momento::createCache));
    local.ifPresent(momento -> allow(momento, changed));
    rules.set(ClientRules.of(changed));
    Application before = application.get();
    Application after = before.with(changed);
    meters.ifPresent(counting -> counting.rulesInForce(rules(changed)));
    application.set(after);
    List<String> waiting = started.needsRestart(changed.server());
    if (!waiting.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("keys", String.join(", ", waiting))
          .log("these settings take effect after a restart");
    }
    if (!stopping.get()) {
      api.set(routes(after, pages, policyFile, local.isPresent()));
    }
    CompletableFuture.delayedExecutor(longestRequest.toMillis() + 1_000, TimeUnit.MILLISECONDS)
        .execute(() -> before.closeAllBut(after));
  }

  public int port() {
    return listener.port();
  }

  /**
   * In local use, also serves momento-local at a loopback port to clients without a key, such as
   * {@code forMomentoLocal()} of Momento's SDKs. Returns the port: the next one, or any free one.
   */
  public Optional<Integer> serveKeyless() {
    keyless.set(local.map(momento -> keyless(momento, listener.port() + 1)));
    return keyless.get().map(LocalServer::port);
  }

  private static LocalServer keyless(MomentoLocal momento, int next) {
    try {
      return LocalServer.startKeyless(momento, next > 65_535 ? 0 : next);
    } catch (CompletionException e) {
      return LocalServer.startKeyless(momento, 0);
    }
  }

  public Optional<Integer> managementPort() {
    return management.map(HttpListener::port);
  }

  /** Finishes requests in progress, ends subscriptions, and releases the port. */
  @Override
  public void close() {
    stopping.set(true);
    closed.countDown();
    synchronized (this) {
      // From here on, a reload cannot enable the vend path again.
      api.set(api.get().stopping());
    }
    listener.awaitArrived();
    // In local use this is a connection to this listener, which would wait for it.
    application.get().disconnect();
    local.ifPresent(MomentoLocal::close);
    keyless.get().ifPresent(LocalServer::close);
    management.ifPresent(HttpListener::stop);
    listener.close();
    management.ifPresent(HttpListener::close);
    application.get().close();
    meters.ifPresent(Meters::close);
  }
}

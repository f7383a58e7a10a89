package tokenvending.server;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import tokenvending.api.Api;
import tokenvending.api.Origins;
import tokenvending.application.Application;
import tokenvending.application.Surroundings;
import tokenvending.application.Surroundings.LocalMomento;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.LocalUse;
import tokenvending.momentolocal.LoopbackGuard;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.secret.Secret;

/**
 * A listener, the machine behind it, and in local use the Momento beside it; started and stopped in
 * the right order.
 */
final class RunningServer implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  private final HttpListener listener;
  private final AtomicReference<Api> api;
  private final AtomicReference<Application> application;
  private final Optional<MomentoLocal> local;
  private final Api closing;

  private RunningServer(
      HttpListener listener,
      AtomicReference<Api> api,
      Application application,
      Optional<MomentoLocal> local,
      Api closing) {
    this.listener = listener;
    this.api = api;
    this.application = new AtomicReference<>(application);
    this.local = local;
    this.closing = closing;
  }

  /**
   * Starts to listen.
   *
   * @param isLocal whether to bring a Momento of our own
   * @throws HttpListener.CannotListen when the port cannot be had
   */
  static RunningServer start(
      Configuration configuration,
      HttpSettings settings,
      boolean isLocal,
      Map<String, String> environment) {
    InstantSource clock = InstantSource.system();
    RandomGenerator random = new SecureRandom();
    // The vend path may need this very port, so the port comes first; until then the answer is 503.
    Api notYet = Api.starting(new Origins.Listed(Set.of(), isLocal), clock, random);
    AtomicReference<Api> api = new AtomicReference<>(notYet);
    Optional<MomentoLocal> local =
        isLocal
            ? Optional.of(MomentoLocal.start(MomentoLocalOptions.defaults()))
            : Optional.empty();
    local.ifPresent(momento -> LocalUse.caches(configuration).forEach(momento::createCache));
    HttpListener listener;
    try {
      listener =
          HttpListener.start(
              settings,
              api::get,
              service -> isLocal ? service.decorate(LoopbackGuard.of(Set.of(), Set.of())) : service,
              builder -> local.ifPresent(momento -> momento.attachTo(builder)));
    } catch (HttpListener.CannotListen e) {
      local.ifPresent(MomentoLocal::close);
      throw e;
    }
    Surroundings surroundings =
        new Surroundings(
            environment,
            // Not System.out, which keeps failures to itself.
            new FileOutputStream(FileDescriptor.out),
            clock,
            System::nanoTime,
            random,
            local.map(
                momento ->
                    new LocalMomento(
                        Secret.of(momento.credentials().apiKey()),
                        URI.create("http://127.0.0.1:" + listener.port()))));
    Application application = Application.of(configuration, surroundings);
    api.set(application.api());
    return new RunningServer(listener, api, application, local, notYet);
  }

  /**
   * Waits until a token can be vended.
   *
   * @param waiting told once, and again when the reason changes, what is being waited for
   */
  void awaitReady(Consumer<String> waiting) throws InterruptedException {
    Optional<String> told = Optional.empty();
    while (true) {
      Optional<String> obstacle = application.get().obstacle();
      if (obstacle.isEmpty()) {
        return;
      }
      if (!obstacle.equals(told)) {
        waiting.accept(obstacle.get());
        told = obstacle;
      }
      Thread.sleep(LOOK_AGAIN);
    }
  }

  /**
   * Serves by another configuration from the next request on. Requests under way end by the old
   * one, whose parts are closed when none can be left.
   */
  synchronized void change(Configuration changed) {
    local.ifPresent(momento -> LocalUse.caches(changed).forEach(momento::createCache));
    Application before = application.get();
    Application after = before.with(changed);
    application.set(after);
    api.compareAndSet(before.api(), after.api());
    CompletableFuture.delayedExecutor(HttpListener.REQUEST.toSeconds() + 1, TimeUnit.SECONDS)
        .execute(() -> before.closeAllBut(after));
  }

  int port() {
    return listener.port();
  }

  /** Requests under way are finished, then subscriptions end, then the port is given back. */
  @Override
  public void close() {
    api.set(closing);
    listener.awaitIdle();
    local.ifPresent(MomentoLocal::close);
    listener.close();
    application.get().close();
  }
}

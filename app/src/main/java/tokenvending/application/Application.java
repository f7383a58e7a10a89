package tokenvending.application;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import tokenvending.api.Api;
import tokenvending.api.DemoPages;
import tokenvending.api.Origins;
import tokenvending.api.PageFolder;
import tokenvending.api.PlaygroundEndpoint;
import tokenvending.api.TokenExchange;
import tokenvending.api.VendEndpoint;
import tokenvending.application.Parts.Method;
import tokenvending.audit.RejectedRequests;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.CorsSettings;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;
import tokenvending.limits.RejectionLimits;
import tokenvending.observation.Condition;
import tokenvending.observation.ReloadState.Reload;
import tokenvending.observation.Sampled;
import tokenvending.request.VendRequest;
import tokenvending.vending.Attribution;
import tokenvending.vending.Denials;
import tokenvending.vending.Recorder;
import tokenvending.vending.TokenVendingMachine;
import tokenvending.vending.VendOutcome;

/**
 * A running configuration. A changed configuration creates another application, which shares the
 * unchanged {@link Parts}. Thread-safe.
 */
public final class Application implements AutoCloseable {
  /**
   * How long readiness and metrics are cached: computing them can take a step in a shared store,
   * which clients must not be able to cause more often.
   */
  private static final Duration SAMPLED = Duration.ofMillis(250);

  /**
   * Spreads when callers return. Not a secure source, which would cost as much as the rest of a
   * vend.
   */
  private static final RandomGenerator SPREAD = () -> ThreadLocalRandom.current().nextLong();

  private final Configuration configuration;
  private final RuntimeEnvironment runtime;
  private final Parts parts;
  private final Readiness readiness;
  private final Sampled<Optional<String>> notReadyReason;
  private final Sampled<Condition> condition;
  private final Authentication authentication;
  private final Recorder recorder;
  private final Api api;

  private Application(Configuration configuration, RuntimeEnvironment runtime, Parts parts) {
    this.configuration = configuration;
    this.runtime = runtime;
    this.parts = parts;
    this.readiness = new Readiness(parts, configuration.policyDocument().version());
    this.notReadyReason = new Sampled<>(readiness::notReadyReason, SAMPLED, runtime.nanoTime());
    this.condition = new Sampled<>(readiness::condition, SAMPLED, runtime.nanoTime());
    this.authentication =
        new Authentication(parts.methods().stream().map(Method::authenticator).toList());
    this.recorder =
        new Recorder(
            runtime.local().isPresent()
                ? parts.recentEvents().before(parts.boundedAudit())
                : parts.boundedAudit(),
            runtime.observer(),
            Attribution.of(
                configuration.policy(),
                configuration.policyDocument().version(),
                configuration.audit().claims()));
    VendEndpoint vend =
        new VendEndpoint(
            machine(authentication),
            recorder,
            parts.rejections(),
            runtime.local().map(local -> new ConfigurationExplainer(configuration, authentication)),
            configuration.policy().parameters(),
            webEndpoint(),
            runtime.clock(),
            SPREAD);
    Api routes =
        Api.of(
            vend,
            new RejectedRequests(parts.boundedAudit(), parts.rejections()),
            () -> notReadyReason().isEmpty(),
            origins(configuration, runtime.local().isPresent()),
            runtime.clock(),
            runtime.random());
    this.api =
        configuration
            .server()
            .tokenExchange()
            // A gateway passes on the path of a vend only.
            .filter(issuer -> !runtime.frozenBetweenRequests())
            .map(
                issuer ->
                    routes.with(
                        new TokenExchange(
                            issuer, configuration.policy().parameters(), vend, runtime.clock())))
            .orElse(routes);
  }

  /** Creates the vend path from the parts that its five steps use. */
  private TokenVendingMachine machine(Authentication authentication) {
    return new TokenVendingMachine(
        authentication,
        new Denials(configuration.deny(), parts.blocks(), runtime.clock()),
        configuration.policy(),
        parts.limits(),
        parts.issuer(),
        recorder,
        runtime.clock());
  }

  /** Creates the first application of a process. */
  public static Application of(Configuration configuration, RuntimeEnvironment runtime) {
    return new Application(configuration, runtime, Wiring.of(configuration, runtime));
  }

  /**
   * Creates the application for a changed configuration. The changed rate budget applies at once,
   * also to requests that this application still serves. Close this one with {@link #closeAllBut}
   * when they are done.
   */
  public Application with(Configuration changed) {
    return new Application(changed, runtime, Wiring.derive(changed, runtime, configuration, parts));
  }

  public Api api() {
    return api;
  }

  /**
   * Returns the demo pages; empty unless use is local or the file enables them. The endpoints for
   * explanations and audit events exist only in local use.
   *
   * @param policyFile where the policy is, for the start page in local use
   */
  public Optional<DemoPages> pages(PageFolder folder, String policyFile) {
    boolean local = runtime.local().isPresent();
    if (!configuration.server().demoPages().orElse(local)) {
      return Optional.empty();
    }
    return Optional.of(
        new DemoPages(
            folder,
            DemoSettings.of(configuration, local, webEndpoint(), runtime.environment()),
            policyFile,
            local ? Optional.of(playground()) : Optional.empty(),
            runtime.random()));
  }

  private PlaygroundEndpoint playground() {
    return new PlaygroundEndpoint(
        new ConfigurationExplainer(configuration, authentication),
        parts.recentEvents(),
        configuration.policy().parameters(),
        runtime.clock(),
        runtime.random());
  }

  /**
   * Returns a sentence for the operator about why no token can be vended; empty if one can. At most
   * a quarter of a second old, because it can take a step in a shared store.
   */
  public Optional<String> notReadyReason() {
    return notReadyReason.get();
  }

  /** Returns the state for metrics, at most a quarter of a second old. */
  public Condition condition() {
    return condition.get();
  }

  /** Returns the state of each input that is reloaded. */
  public List<Reload> reloads() {
    return readiness.reloads();
  }

  /**
   * Opens the connection to the token service before the first request, and waits at most for the
   * timeout.
   */
  public void connect(Duration timeout) {
    parts.momento().connect(parts.apiKey(), timeout);
  }

  /** Closes the connection to the token service; a later vend opens another one. */
  public void disconnect() {
    parts.momento().disconnect();
  }

  /**
   * Only authenticates a caller, for an authorizer in front of the vend function. A rejection is
   * audited.
   */
  public AuthenticationResult authenticate(PresentedCredential credential, Attempt attempt) {
    RejectionLimits rejections = parts.rejections();
    Duration wait = rejections.waitFor(attempt.from(), credential);
    AuthenticationResult result =
        wait.isPositive()
            ? new AuthenticationResult.LoginThrottled(wait)
            : authentication.authenticate(credential, attempt);
    switch (result) {
      case AuthenticationResult.Authenticated good -> rejections.authenticated(credential);
      case AuthenticationResult.Unauthenticated bad -> {
        rejections.unauthenticated(credential);
        rejections.rejected(attempt.from(), credential);
        recorder.refused(attempt, bad);
      }
      case AuthenticationResult.LoginThrottled tooFast -> recorder.refused(attempt, tooFast);
      case AuthenticationResult.Undecidable undecidable -> {
        rejections.rejected(attempt.from(), credential);
        recorder.refused(attempt, undecidable);
      }
    }
    return result;
  }

  /** Vends to a caller that the operator describes, and audits the result. */
  public VendOutcome vendTo(Principal caller, VendRequest request, Attempt attempt) {
    Authenticator operator = new DescribedCallerAuthenticator(caller);
    return machine(new Authentication(List.of(operator)))
        .vend(new PresentedCredential.None(), request, attempt);
  }

  /** Closes the parts that the other application does not share. */
  public void closeAllBut(Application other) {
    parts.closeAllBut(other.parts);
  }

  @Override
  public void close() {
    parts.close();
  }

  /**
   * The endpoint for browsers if it has no TLS, because a token does not contain such an address.
   */
  private Optional<URI> webEndpoint() {
    return Wiring.tokenServiceUri(configuration, runtime)
        .filter(uri -> "http".equals(uri.getScheme()));
  }

  /** Returns the origins whose pages can read responses. */
  public static Origins origins(Configuration configuration, boolean local) {
    return switch (configuration.cors()) {
      case CorsSettings.AnyOrigin() -> new Origins.Any();
      case CorsSettings.Only(List<String> listed) -> new Origins.Listed(Set.copyOf(listed), local);
    };
  }
}

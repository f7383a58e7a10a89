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
import tokenvending.vending.Recorder;
import tokenvending.vending.TokenVendingMachine;
import tokenvending.vending.VendOutcome;

/**
 * One configuration, running. A changed configuration makes another application, which shares the
 * {@link Parts} that the change leaves as they are.
 */
public final class Application implements AutoCloseable {
  /** Readiness and metrics can take a step in a shared store, so clients cannot cause more. */
  private static final Duration SAMPLED = Duration.ofMillis(250);

  /** Spreads when callers return; a secure source would cost as much as the rest of a vend. */
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
    this.api =
        Api.of(
            vend,
            new RejectedRequests(parts.boundedAudit(), parts.rejections()),
            () -> notReadyReason().isEmpty(),
            origins(configuration, runtime.local().isPresent()),
            runtime.clock(),
            runtime.random());
  }

  /** The vend path: the five steps, with the parts that each one uses. */
  private TokenVendingMachine machine(Authentication authentication) {
    return new TokenVendingMachine(
        authentication,
        configuration.policy(),
        parts.limits(),
        parts.issuer(),
        recorder,
        runtime.clock());
  }

  /** The first application of a process. */
  public static Application of(Configuration configuration, RuntimeEnvironment runtime) {
    return new Application(configuration, runtime, Wiring.of(configuration, runtime));
  }

  /**
   * The application for a changed configuration. The changed rate budget holds from here on, also
   * for requests that this one still serves; close this one with {@link #closeAllBut} after them.
   */
  public Application with(Configuration changed) {
    return new Application(changed, runtime, Wiring.derive(changed, runtime, configuration, parts));
  }

  public Api api() {
    return api;
  }

  /**
   * The demo pages; empty where neither use is local nor the file asks for them. What they ask of
   * the policy and of the record is there in local use only.
   */
  public Optional<DemoPages> pages(PageFolder folder) {
    boolean local = runtime.local().isPresent();
    if (!configuration.server().demoPages().orElse(local)) {
      return Optional.empty();
    }
    return Optional.of(
        new DemoPages(
            folder,
            DemoSettings.of(configuration, local, webEndpoint(), runtime.environment()),
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
   * Why no token can be vended yet, in a sentence for the operator; empty when one can. As it was
   * at most a quarter of a second ago, since it can take a step in a shared store.
   */
  public Optional<String> notReadyReason() {
    return notReadyReason.get();
  }

  /** The state that metrics report, as it was at most a quarter of a second ago. */
  public Condition condition() {
    return condition.get();
  }

  /** The inputs of this application that are read again while it runs, each once. */
  public List<Reload> reloads() {
    return readiness.reloads();
  }

  /** Opens the connection to the token service ahead of the first request, for at most so long. */
  public void connect(Duration timeout) {
    parts.momento().connect(parts.apiKey(), timeout);
  }

  /** Closes the connection to the token service; a later vend opens another. */
  public void disconnect() {
    parts.momento().disconnect();
  }

  /**
   * Finds out who is calling and nothing else, for an authorizer in front of another machine. A
   * refusal is on record like any other.
   */
  public AuthenticationResult authenticate(PresentedCredential credential, Attempt attempt) {
    RejectionLimits rejections = parts.rejections();
    Duration wait = rejections.waitFor(attempt.from(), credential);
    AuthenticationResult result =
        wait.isPositive()
            ? new AuthenticationResult.GuessingTooFast(wait)
            : authentication.authenticate(credential, attempt);
    switch (result) {
      case AuthenticationResult.Authenticated good -> rejections.authenticated(credential);
      case AuthenticationResult.Unauthenticated bad -> {
        rejections.unauthenticated(credential);
        rejections.rejected(attempt.from(), credential);
        recorder.refused(attempt, bad);
      }
      case AuthenticationResult.GuessingTooFast tooFast -> recorder.refused(attempt, tooFast);
      case AuthenticationResult.Undecidable undecidable -> {
        rejections.rejected(attempt.from(), credential);
        recorder.refused(attempt, undecidable);
      }
    }
    return result;
  }

  /** Vends to a caller whom the operator vouches for, on record like any other. */
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

  /** A browser cannot derive a clear-text address from a token, so the answer names it. */
  private Optional<URI> webEndpoint() {
    return Wiring.tokenServiceUri(configuration, runtime)
        .filter(uri -> "http".equals(uri.getScheme()));
  }

  /** The pages that may read what is answered, whether or not a token can be had. */
  public static Origins origins(Configuration configuration, boolean local) {
    return switch (configuration.cors()) {
      case CorsSettings.AnyOrigin() -> new Origins.Any();
      case CorsSettings.Only(List<String> listed) -> new Origins.Listed(Set.copyOf(listed), local);
    };
  }
}

package tokenvending.application;

import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import tokenvending.application.Surroundings.LocalMomento;
import tokenvending.audit.AuditSink;
import tokenvending.audit.RecentEvents;
import tokenvending.audit.UnreadRequests;
import tokenvending.authentication.GatewayClaimsAuthenticator;
import tokenvending.authentication.JwksSource;
import tokenvending.authentication.JwtAuthenticator;
import tokenvending.authentication.JwtRules;
import tokenvending.authentication.KeySetLocation;
import tokenvending.authentication.OpenAuthenticator;
import tokenvending.authentication.PasswordAuthenticator;
import tokenvending.budget.BudgetLine;
import tokenvending.budget.BudgetTerms;
import tokenvending.budget.CircuitBreaker;
import tokenvending.budget.FairBudget;
import tokenvending.budget.FallbackLine;
import tokenvending.budget.MemoryLine;
import tokenvending.configuration.AuditSettings;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.CorsSettings;
import tokenvending.configuration.LimitSettings;
import tokenvending.configuration.SecretReader;
import tokenvending.configuration.SecretReference;
import tokenvending.configuration.StateSettings;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;
import tokenvending.issuing.TokenIssuer;
import tokenvending.issuing.VerifyingTokenIssuer;
import tokenvending.journal.FileAuditSink;
import tokenvending.journal.StreamAuditSink;
import tokenvending.limits.Limits;
import tokenvending.limits.RateLimits;
import tokenvending.limits.SharedLimits;
import tokenvending.momento.ApiKeySource;
import tokenvending.momento.KeyReading;
import tokenvending.momento.MomentoApiKey;
import tokenvending.momento.MomentoTokenIssuer;
import tokenvending.momento.RotatingApiKey;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.observation.Condition;
import tokenvending.observation.Observer.StateHealth;
import tokenvending.request.VendRequest;
import tokenvending.reuse.ReusingTokenIssuer;
import tokenvending.secret.Secret;
import tokenvending.state.SharedState;
import tokenvending.vending.Recorder;
import tokenvending.vending.TokenVendingMachine;
import tokenvending.vending.VendOutcome;

/**
 * One configuration, wired: the only place where the parts meet. A changed file makes another one,
 * which takes over the parts whose settings did not change.
 */
public final class Application implements AutoCloseable {
  /** A key that was replaced is out of use after this time, even where nobody refused it. */
  private static final Duration KEY_READ_AGAIN = Duration.ofSeconds(30);

  /** A crowd that is served in turn is no obstacle, however long it is. */
  private static final Duration EXHAUSTED_FOR_LONG = Duration.ofSeconds(30);

  /** A little longer than a call can take: who was granted a turn may be slow to begin. */
  private static final Duration LONGEST_CALL =
      MomentoTokenIssuer.USUAL_DEADLINE.plus(Duration.ofSeconds(1));

  /** As many as fit a page; one is a few hundred bytes, and 20 long permissions at most. */
  private static final int RECENT_EVENTS = 100;

  /** Spreads when callers come back, for which a secure source would be asked at every vend. */
  private static final RandomGenerator SPREAD = () -> ThreadLocalRandom.current().nextLong();

  private final Configuration configuration;
  private final Surroundings surroundings;
  private final Parts parts;
  private final Authentication authentication;
  private final Api api;

  private Application(Configuration configuration, Surroundings surroundings, Parts parts) {
    this.configuration = configuration;
    this.surroundings = surroundings;
    this.parts = parts;

    this.authentication = authentication();
    VendEndpoint vend =
        new VendEndpoint(
            machine(authentication),
            recorder(),
            configuration.policy().parameters(),
            webEndpoint(),
            surroundings.clock(),
            SPREAD);
    this.api =
        Api.of(
            vend,
            unread(),
            () -> obstacle().isEmpty(),
            origins(configuration, surroundings.local().isPresent()),
            surroundings.clock(),
            surroundings.random());
  }

  /** The vend path, as a list of what it is made of. */
  private TokenVendingMachine machine(Authentication authentication) {
    return new TokenVendingMachine(
        authentication,
        configuration.policy(),
        limits(),
        reuse(),
        recorder(),
        surroundings.clock());
  }

  private Recorder recorder() {
    return new Recorder(
        surroundings.local().isPresent() ? recentEvents().before(audit()) : audit(),
        surroundings.observer());
  }

  /** Outlives every change of the file. */
  private RecentEvents recentEvents() {
    return parts.keep(RecentEvents.class, RECENT_EVENTS, () -> new RecentEvents(RECENT_EVENTS));
  }

  public static Application of(Configuration configuration, Surroundings surroundings) {
    return new Application(configuration, surroundings, Parts.none());
  }

  /** The same machine under a changed file. */
  public Application with(Configuration changed) {
    return new Application(changed, surroundings, parts.next());
  }

  public Api api() {
    return api;
  }

  /**
   * The demo pages; empty where neither use is local nor the file asks for them. What they ask of
   * the policy and of the record is there in local use only.
   */
  public Optional<DemoPages> pages(PageFolder folder) {
    boolean local = surroundings.local().isPresent();
    if (!configuration.server().demoPages().orElse(local)) {
      return Optional.empty();
    }
    return Optional.of(
        new DemoPages(
            folder,
            DemoSettings.of(configuration, local, webEndpoint(), surroundings.environment()),
            local ? Optional.of(playground()) : Optional.empty(),
            surroundings.random()));
  }

  private PlaygroundEndpoint playground() {
    return new PlaygroundEndpoint(
        new Explainer(configuration, authentication()),
        recentEvents(),
        configuration.policy().parameters(),
        surroundings.clock(),
        surroundings.random());
  }

  /** Why no token can be vended yet, in a sentence for the operator; empty when one can. */
  public Optional<String> obstacle() {
    if (momento().key() instanceof KeyReading.Unusable(String problem)) {
      return Optional.of(problem);
    }
    Duration exhausted = budget().exhaustedFor();
    if (exhausted.compareTo(EXHAUSTED_FOR_LONG) > 0) {
      return Optional.of("nobody could be served for " + exhausted.toSeconds() + " s: no budget");
    }
    for (AuthenticationSettings wayIn : configuration.authentication()) {
      Optional<String> obstacle =
          switch (wayIn) {
            case AuthenticationSettings.Open() -> Optional.empty();
            case AuthenticationSettings.Password(SecretReference reference) ->
                switch (surroundings.passwordCheck()) {
                  case HERE -> users(reference).obstacle();
                  case AT_THE_GATEWAY -> Optional.empty();
                };
            case AuthenticationSettings.Oidc oidc -> obstacle(oidc.issuer(), keySet(oidc));
            case AuthenticationSettings.Cognito cognito ->
                obstacle(cognito.effectiveIssuer().orElseThrow(), keySet(cognito));
          };
      if (obstacle.isPresent()) {
        return obstacle;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> obstacle(URI issuer, JwksSource keys) {
    return keys.isReady()
        ? Optional.empty()
        : Optional.of("the keys of " + issuer + " could not be read yet");
  }

  /** Opens the connection to the token service ahead of the first request, for at most so long. */
  public void connect(Duration patience) {
    momento().connect(patience);
  }

  /**
   * Finds out who is calling and nothing else, for an authorizer in front of another machine. A
   * refusal is on record like any other.
   */
  public AuthenticationResult authenticate(PresentedCredential credential, Attempt attempt) {
    AuthenticationResult result = authentication.authenticate(credential, attempt);
    if (!(result instanceof AuthenticationResult.Authenticated)) {
      recorder().refused(attempt, result);
    }
    return result;
  }

  /** Vends to a caller whom the operator vouches for, on record like any other. */
  public VendOutcome vendTo(Principal caller, VendRequest request, Attempt attempt) {
    Authenticator operator = new VouchedFor(caller);
    return machine(new Authentication(List.of(operator)))
        .vend(new PresentedCredential.None(), request, attempt);
  }

  /** Closes the parts that the other machine did not take over. */
  public void closeAllBut(Application other) {
    parts.closeAllBut(other.parts);
  }

  @Override
  public void close() {
    parts.close();
  }

  private AuditSink audit() {
    return parts.keep(
        AuditSink.class,
        configuration.audit(),
        () ->
            switch (configuration.audit()) {
              case AuditSettings.Stdout() -> new StreamAuditSink(surroundings.stdout());
              case AuditSettings.File(Path path) -> new FileAuditSink(path);
            });
  }

  /** Of as many generations as write to one sink, so that a changed file does not refill it. */
  private UnreadRequests unread() {
    return parts.keep(
        UnreadRequests.class,
        configuration.audit(),
        () -> new UnreadRequests(audit(), surroundings.nanoTime()));
  }

  /** How it is now, for whoever watches. Asks the store for its line, so it may take a moment. */
  public Condition condition() {
    Optional<BudgetLine.Standing> standing = budget().standing();
    return new Condition(
        obstacle().isEmpty(),
        standing,
        !breaker().openFor().isZero(),
        line() instanceof FallbackLine shared
            ? Optional.of(health(shared, standing))
            : Optional.empty(),
        keySets(),
        configuration.policyDocument().version());
  }

  /** On its own the line tells nothing of the store before somebody has asked it for a turn. */
  private static StateHealth health(FallbackLine line, Optional<BudgetLine.Standing> standing) {
    return line.isAway() || standing.isEmpty() ? StateHealth.AWAY : StateHealth.REACHABLE;
  }

  private List<Condition.KeySet> keySets() {
    Map<String, Optional<Duration>> ages = new LinkedHashMap<>();
    for (AuthenticationSettings wayIn : configuration.authentication()) {
      switch (wayIn) {
        case AuthenticationSettings.Open() -> {}
        case AuthenticationSettings.Password password -> {}
        case AuthenticationSettings.Oidc oidc ->
            ages.merge(oidc.issuer().toString(), keySet(oidc).age(), Application::worse);
        case AuthenticationSettings.Cognito cognito ->
            ages.merge(
                cognito.effectiveIssuer().orElseThrow().toString(),
                keySet(cognito).age(),
                Application::worse);
      }
    }
    return ages.entrySet().stream()
        .map(issuer -> new Condition.KeySet(issuer.getKey(), issuer.getValue()))
        .toList();
  }

  /** Of two places where one issuer's keys are read. */
  private static Optional<Duration> worse(Optional<Duration> one, Optional<Duration> other) {
    return one.flatMap(a -> other.map(b -> a.compareTo(b) > 0 ? a : b));
  }

  /** From the outside in: reuse, the check of what came back, the budget, Momento. */
  private TokenIssuer reuse() {
    MomentoTokenIssuer momento = momento();
    String policyVersion = configuration.policyDocument().version();
    return parts.keep(
        ReusingTokenIssuer.class,
        List.of(policyVersion, upstream()),
        () ->
            new ReusingTokenIssuer(
                new VerifyingTokenIssuer(momento, surroundings.clock()),
                momento::seal,
                policyVersion,
                shared().map(SharedState::entries),
                surroundings.clock()));
  }

  private MomentoTokenIssuer momento() {
    return parts.keep(
        MomentoTokenIssuer.class,
        upstream(),
        () ->
            new MomentoTokenIssuer(
                new RotatingApiKey(keySource(), KEY_READ_AGAIN, surroundings.nanoTime()),
                tokenService(),
                surroundings.connector(),
                MomentoTokenIssuer.USUAL_DEADLINE,
                breaker(),
                surroundings.clock(),
                surroundings.nanoTime(),
                surroundings.random()));
  }

  private CircuitBreaker breaker() {
    return parts.keep(
        CircuitBreaker.class,
        upstream(),
        () -> new CircuitBreaker(budget(), surroundings.nanoTime(), surroundings.observer()));
  }

  /** What the way to Momento is made of. */
  private List<Object> upstream() {
    return List.of(configuration.momento(), configuration.state(), configuration.maxInstances());
  }

  private FairBudget budget() {
    return parts.keep(
        FairBudget.class,
        upstream(),
        () ->
            new FairBudget(
                line(),
                new BudgetTerms(
                    configuration.momento().budget(),
                    configuration.momento().maxWait(),
                    LONGEST_CALL),
                surroundings.nanoTime(),
                surroundings.random(),
                surroundings.observer()));
  }

  /** Outlives a change of the budget: the calls of the last second count under the new one, too. */
  private BudgetLine line() {
    return parts.keep(
        BudgetLine.class,
        List.of(configuration.state(), configuration.maxInstances()),
        () ->
            shared()
                .<BudgetLine>map(
                    state ->
                        new FallbackLine(
                            state.line(),
                            configuration.maxInstances(),
                            surroundings.nanoTime(),
                            surroundings.observer()))
                .orElseGet(() -> new MemoryLine(surroundings.nanoTime())));
  }

  private Optional<SharedState> shared() {
    return switch (configuration.state()) {
      case StateSettings.Memory() -> Optional.empty();
      case StateSettings.Redis redis -> Optional.of(opened(redis));
      case StateSettings.RedisAt redis -> Optional.of(opened(redis));
      case StateSettings.DynamoDb table -> Optional.of(opened(table));
    };
  }

  private SharedState opened(StateSettings settings) {
    return parts.keep(
        SharedState.class,
        settings,
        () -> surroundings.states().open(settings, surroundings.nanoTime()));
  }

  private ApiKeySource keySource() {
    if (surroundings.local().isPresent()) {
      Secret key = surroundings.local().get().apiKey();
      return () -> MomentoApiKey.parse(key, Optional.empty());
    }
    return new ConfiguredApiKey(
        configuration.momento(), surroundings.environment(), surroundings.awsSecrets());
  }

  private Optional<TokenServiceAddress> tokenService() {
    return tokenServiceUri()
        .map(
            uri ->
                switch (TokenServiceAddress.parse(uri.toString())) {
                  case TokenServiceAddress.Parsed.Good(TokenServiceAddress address) -> address;
                  case TokenServiceAddress.Parsed.Bad(String problem) ->
                      throw new IllegalStateException(
                          "the reader of the file let it pass: " + problem);
                });
  }

  private Optional<URI> tokenServiceUri() {
    return surroundings
        .local()
        .map(LocalMomento::address)
        .or(configuration.momento()::tokenService);
  }

  /** A browser cannot guess a clear-text address from a token, so it is told. */
  private Optional<URI> webEndpoint() {
    return tokenServiceUri().filter(uri -> "http".equals(uri.getScheme()));
  }

  private Limits limits() {
    LimitSettings settings = configuration.limits();
    if (settings.perCaller().isEmpty() && settings.perAddress().isEmpty()) {
      return Limits.none();
    }
    RateLimits own =
        parts.keep(
            RateLimits.class,
            settings,
            () ->
                new RateLimits(
                    settings.perCaller(), settings.perAddress(), surroundings.nanoTime()));
    return shared()
        .<Limits>map(
            state ->
                new SharedLimits(
                    state.counters(), settings.perCaller(), settings.perAddress(), own))
        .orElse(own);
  }

  private Authentication authentication() {
    List<Authenticator> waysIn = new ArrayList<>();
    for (AuthenticationSettings wayIn : configuration.authentication()) {
      waysIn.add(authenticator(wayIn));
    }
    return new Authentication(waysIn);
  }

  private Authenticator authenticator(AuthenticationSettings wayIn) {
    return switch (wayIn) {
      case AuthenticationSettings.Open() -> new OpenAuthenticator();
      case AuthenticationSettings.Password(SecretReference reference) ->
          switch (surroundings.passwordCheck()) {
            case HERE -> passwords(reference);
            case AT_THE_GATEWAY -> new GatewayClaimsAuthenticator();
          };
      case AuthenticationSettings.Oidc oidc -> {
        JwtRules rules =
            new JwtRules.OidcRules(oidc.issuer().toString(), oidc.audiences(), oidc.groupsClaim());
        yield jwt(rules, keySet(oidc));
      }
      case AuthenticationSettings.Cognito cognito -> {
        AuthenticationSettings.UserPool pool =
            cognito
                .pool()
                .orElseThrow(() -> new IllegalStateException("checked at the start: no user pool"));
        String issuer = cognito.effectiveIssuer().orElseThrow().toString();
        yield jwt(new JwtRules.CognitoRules(issuer, pool.clientId()), keySet(cognito));
      }
    };
  }

  private Authenticator passwords(SecretReference reference) {
    return parts.keep(
        PasswordAuthenticator.class,
        reference,
        () ->
            new PasswordAuthenticator(
                users(reference)::users,
                surroundings.nanoTime(),
                new SecureRandom(),
                // One core stays free for everybody else: hashing holds its thread.
                Math.max(1, Runtime.getRuntime().availableProcessors() - 1)));
  }

  /** It remembers what it has verified, so it is taken over, and only under the very same rules. */
  private Authenticator jwt(JwtRules rules, JwksSource keys) {
    return parts.keep(
        JwtAuthenticator.class,
        List.of(rules, keys),
        () -> new JwtAuthenticator(rules, keys, surroundings.clock()));
  }

  private JwksSource keySet(AuthenticationSettings.Oidc oidc) {
    return keySet(oidc.issuer(), oidc.jwksUri());
  }

  private JwksSource keySet(AuthenticationSettings.Cognito cognito) {
    return keySet(cognito.effectiveIssuer().orElseThrow(), cognito.jwksUri());
  }

  private JwksSource keySet(URI issuer, Optional<URI> jwksUri) {
    KeySetLocation location =
        jwksUri
            .<KeySetLocation>map(KeySetLocation.At::new)
            .orElseGet(() -> new KeySetLocation.Discovered(issuer.toString()));
    return parts.keep(
        JwksSource.class,
        location,
        () -> JwksSource.start(location, surroundings.nanoTime(), surroundings.clock()));
  }

  private ReloadingUsers users(SecretReference reference) {
    return parts.keep(
        ReloadingUsers.class,
        reference,
        () ->
            new ReloadingUsers(
                reference,
                new SecretReader(surroundings.environment(), surroundings.awsSecrets()),
                surroundings.nanoTime()));
  }

  /** The pages that may read what is answered, whether or not a token can be had. */
  public static Origins origins(Configuration configuration, boolean local) {
    return switch (configuration.cors()) {
      case CorsSettings.AnyOrigin() -> new Origins.Any();
      case CorsSettings.Only(List<String> listed) -> new Origins.Listed(Set.copyOf(listed), local);
    };
  }
}

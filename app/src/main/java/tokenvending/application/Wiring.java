package tokenvending.application;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.application.Parts.KeySet;
import tokenvending.application.Parts.Method;
import tokenvending.application.RuntimeEnvironment.LocalMomento;
import tokenvending.audit.AuditSink;
import tokenvending.audit.BoundedAuditSink;
import tokenvending.audit.RecentEvents;
import tokenvending.auditlog.AuditWriter;
import tokenvending.authentication.JwksSource;
import tokenvending.authentication.JwtAuthenticator;
import tokenvending.authentication.JwtRules;
import tokenvending.authentication.KeySetLocation;
import tokenvending.authentication.OpenAuthenticator;
import tokenvending.authentication.PasswordAuthenticator;
import tokenvending.block.BlockList;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.BudgetTerms;
import tokenvending.budget.BudgetedCall;
import tokenvending.budget.CallWindow;
import tokenvending.budget.CircuitBreaker;
import tokenvending.budget.FairBudget;
import tokenvending.budget.FallbackBudgetQueue;
import tokenvending.budget.MemoryBudgetQueue;
import tokenvending.configuration.AuditSettings;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.BlockSettings;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.LimitSettings;
import tokenvending.configuration.SecretReader;
import tokenvending.configuration.SecretReference;
import tokenvending.configuration.StateSettings;
import tokenvending.identity.Authenticator;
import tokenvending.issuing.IssueDeadline;
import tokenvending.issuing.RetryingCall;
import tokenvending.issuing.TokenIssuer;
import tokenvending.issuing.UpstreamCall;
import tokenvending.issuing.VerifyingTokenIssuer;
import tokenvending.limits.Limits;
import tokenvending.limits.RateLimits;
import tokenvending.limits.RejectionLimits;
import tokenvending.limits.SharedLimits;
import tokenvending.momento.ApiKeySource;
import tokenvending.momento.KeyRotatingIssuer;
import tokenvending.momento.MomentoApiKey;
import tokenvending.momento.MomentoTokenService;
import tokenvending.momento.RotatingApiKey;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.observation.Observer;
import tokenvending.reuse.ReusingTokenIssuer;
import tokenvending.secret.Secret;
import tokenvending.state.BlockStore;
import tokenvending.state.SharedState;

/**
 * Creates the parts of an application: {@link #wire} lists every part. A part of the previous
 * generation is kept if all of its inputs are unchanged: its settings, compared by value, and the
 * parts that it uses, compared by identity. A part therefore never uses a closed one.
 */
final class Wiring {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  /**
   * How often the key is read again without having been rejected, so that a replaced key is no
   * longer used.
   */
  private static final Duration KEY_READ_AGAIN = Duration.ofSeconds(30);

  /** A little longer than the longest call, because a caller can be slow to start one. */
  private static final Duration LONGEST_CALL = IssueDeadline.USUAL.plus(Duration.ofSeconds(1));

  /** As many as fit a page; one has a few hundred bytes, or more with 20 long permissions. */
  private static final int RECENT_EVENTS = 100;

  private final Configuration file;
  private final RuntimeEnvironment runtime;
  private final Optional<Generation> before;

  /** A configuration and its parts. */
  private record Generation(Configuration file, Parts parts) {}

  private Wiring(Configuration file, RuntimeEnvironment runtime, Optional<Generation> before) {
    this.file = file;
    this.runtime = runtime;
    this.before = before;
  }

  /** Creates the parts for the first configuration of a process. */
  static Parts of(Configuration file, RuntimeEnvironment runtime) {
    return new Wiring(file, runtime, Optional.empty()).wire();
  }

  /**
   * Creates the parts for a changed configuration. The changed budget applies at once, also to
   * requests that are already queued.
   */
  static Parts derive(
      Configuration file, RuntimeEnvironment runtime, Configuration old, Parts parts) {
    Parts next = new Wiring(file, runtime, Optional.of(new Generation(old, parts))).wire();
    next.calls().use(terms(file));
    return next;
  }

  private Parts wire() {
    AuditSink audit =
        part(Parts::audit, unchanged(settings -> settings.audit().to()), this::auditSink);
    BoundedAuditSink boundedAudit =
        part(
            Parts::boundedAudit,
            uses(Parts::audit, audit),
            () -> new BoundedAuditSink(audit, runtime.nanoTime()));
    RecentEvents recentEvents =
        part(Parts::recentEvents, true, () -> new RecentEvents(RECENT_EVENTS));

    Optional<SharedState> shared =
        part(Parts::shared, unchanged(Configuration::state), this::sharedState);
    Optional<BlockList> blocks =
        part(
            Parts::blocks,
            uses(Parts::shared, shared) && unchanged(Configuration::blocks),
            () -> file.blocks().map(settings -> blockList(settings, shared)));
    CallWindow calls =
        part(Parts::calls, true, () -> new CallWindow(terms(file), runtime.nanoTime()));
    BudgetQueue queue = part(Parts::queue, uses(Parts::shared, shared), () -> queue(shared));
    FairBudget budget =
        part(
            Parts::budget,
            uses(Parts::queue, queue) && unchanged(Wiring::terms),
            () ->
                new FairBudget(
                    queue,
                    terms(file),
                    calls,
                    runtime.nanoTime(),
                    runtime.random(),
                    runtime.observer()));
    CircuitBreaker breaker =
        part(
            Parts::breaker,
            uses(Parts::budget, budget),
            () ->
                new CircuitBreaker(
                    budget, runtime.nanoTime(), breakerListener(runtime.observer())));
    RotatingApiKey apiKey =
        part(
            Parts::apiKey,
            unchanged(Configuration::momento),
            () -> new RotatingApiKey(keySource(), KEY_READ_AGAIN, runtime.nanoTime()));
    MomentoTokenService momento =
        part(
            Parts::momento,
            unchanged(Configuration::momento),
            () ->
                new MomentoTokenService(
                    tokenService(), runtime.connector(), runtime.clock(), runtime.nanoTime()));
    ReusingTokenIssuer issuer =
        part(
            Parts::issuer,
            uses(Parts::momento, momento)
                && uses(Parts::apiKey, apiKey)
                && uses(Parts::breaker, breaker)
                && uses(Parts::shared, shared)
                && unchanged(configuration -> configuration.policyDocument().version()),
            () -> issuer(momento, apiKey, breaker, shared));

    Limits limits =
        part(
            Parts::limits,
            uses(Parts::shared, shared)
                && unchanged(configuration -> configuration.limits().perCaller())
                && unchanged(configuration -> configuration.limits().perAddress()),
            () -> limits(shared));
    RejectionLimits rejections =
        part(
            Parts::rejections,
            unchanged(configuration -> configuration.limits().rejectionsPerAddress()),
            () ->
                new RejectionLimits(
                    file.limits().rejectionsPerAddress(), runtime.nanoTime(), runtime.random()));
    return new Parts(
        audit,
        boundedAudit,
        recentEvents,
        shared,
        blocks,
        calls,
        queue,
        budget,
        breaker,
        apiKey,
        momento,
        issuer,
        limits,
        rejections,
        methods());
  }

  /** Returns the previous part if all of its inputs are unchanged, otherwise a new one. */
  private <T> T part(Function<Parts, T> previous, boolean isUnchanged, Supplier<T> make) {
    return before.isPresent() && isUnchanged ? previous.apply(before.get().parts()) : make.get();
  }

  /** Whether the previous configuration has the same settings here. */
  private boolean unchanged(Function<Configuration, Object> settings) {
    return before
        .filter(old -> Objects.equals(settings.apply(old.file()), settings.apply(file)))
        .isPresent();
  }

  /** Whether the previous generation has this part, by identity. */
  @SuppressWarnings("ReferenceEquality") // An equal part is another one: it may be closed.
  private boolean uses(Function<Parts, ?> part, Object current) {
    return before.filter(old -> part.apply(old.parts()) == current).isPresent();
  }

  private AuditSink auditSink() {
    Optional<String> instance = InstanceName.of(runtime.environment());
    return switch (file.audit().to()) {
      case AuditSettings.Stdout() ->
          AuditWriter.toStream(runtime.stdout(), instance, runtime.nanoTime());
      case AuditSettings.File(var path) -> AuditWriter.toFile(path, instance, runtime.nanoTime());
    };
  }

  private Optional<SharedState> sharedState() {
    return switch (file.state()) {
      case StateSettings.Memory() -> Optional.empty();
      case StateSettings.Redis redis -> Optional.of(opened(redis));
      case StateSettings.RedisAt redis -> Optional.of(opened(redis));
      case StateSettings.DynamoDb table -> Optional.of(opened(table));
    };
  }

  private BlockList blockList(BlockSettings settings, Optional<SharedState> shared) {
    BlockStore store =
        switch (settings) {
          case BlockSettings.File(var path) -> new FileBlockStore(path);
          case BlockSettings.Shared() ->
              shared
                  .map(SharedState::blocks)
                  .orElseThrow(() -> new IllegalStateException("checked at the start: no store"));
        };
    return new BlockList(store, runtime.nanoTime(), runtime.clock());
  }

  private SharedState opened(StateSettings settings) {
    return runtime.states().open(settings, runtime.nanoTime());
  }

  /**
   * Creates the queue, which survives a change of the budget: recent calls count under the new one.
   */
  private BudgetQueue queue(Optional<SharedState> shared) {
    return shared
        .<BudgetQueue>map(
            state -> new FallbackBudgetQueue(state.queue(), runtime.nanoTime(), runtime.observer()))
        .orElseGet(() -> new MemoryBudgetQueue(runtime.nanoTime()));
  }

  private static BudgetTerms terms(Configuration file) {
    return new BudgetTerms(
        file.momento().budget(), file.momento().maxWait(), LONGEST_CALL, file.maxInstances());
  }

  /** Logs that the circuit breaker opened or closed, and reports it. */
  private static Consumer<Boolean> breakerListener(Observer observer) {
    return open -> {
      if (open) {
        LOG.atError()
            .addKeyValue("probeEverySeconds", CircuitBreaker.PROBE.toSeconds())
            .log("circuit open: calls to the token service keep failing, so callers get 503");
      } else {
        LOG.atInfo().log("circuit closed: the token service responds again");
      }
      observer.breakerChanged(open);
    };
  }

  private ApiKeySource keySource() {
    if (runtime.local().isPresent()) {
      Secret key = runtime.local().get().apiKey();
      return () -> MomentoApiKey.parse(key, Optional.empty());
    }
    return new ConfiguredApiKey(
        file.momento(), runtime.environment(), runtime.awsSecrets(), runtime.clock());
  }

  private Optional<TokenServiceAddress> tokenService() {
    return tokenServiceUri(file, runtime)
        .map(
            uri ->
                switch (TokenServiceAddress.parse(uri.toString())) {
                  case TokenServiceAddress.Parsed.Good(TokenServiceAddress address) -> address;
                  case TokenServiceAddress.Parsed.Bad(String problem) ->
                      throw new IllegalStateException(
                          "the configuration reader accepted it: " + problem);
                });
  }

  /** Returns the token service's address, if it does not follow from the API key. */
  static Optional<URI> tokenServiceUri(Configuration file, RuntimeEnvironment runtime) {
    return runtime.local().map(LocalMomento::address).or(file.momento()::tokenService);
  }

  /**
   * Creates the issuer from the inside out. The circuit breaker surrounds the budget: while it is
   * open no caller waits in the queue, and a caller that waited returns the permit.
   */
  private ReusingTokenIssuer issuer(
      MomentoTokenService momento,
      RotatingApiKey apiKey,
      CircuitBreaker breaker,
      Optional<SharedState> shared) {
    UpstreamCall<MomentoApiKey> budgeted = new BudgetedCall<>(momento, breaker, runtime.clock());
    UpstreamCall<MomentoApiKey> retrying = new RetryingCall<>(budgeted, runtime.random());
    TokenIssuer rotating =
        new KeyRotatingIssuer(
            retrying, apiKey, tokenService(), IssueDeadline.USUAL, runtime.nanoTime());
    TokenIssuer verifying = new VerifyingTokenIssuer(rotating, runtime.clock());
    return new ReusingTokenIssuer(
        verifying,
        apiKey::seal,
        file.policyDocument().version(),
        shared.map(SharedState::entries),
        runtime.clock());
  }

  private Limits limits(Optional<SharedState> shared) {
    LimitSettings settings = file.limits();
    if (settings.perCaller().isEmpty() && settings.perAddress().isEmpty()) {
      return Limits.none();
    }
    RateLimits own =
        new RateLimits(settings.perCaller(), settings.perAddress(), runtime.nanoTime());
    return shared
        .<Limits>map(
            state ->
                new SharedLimits(
                    state.counters(), settings.perCaller(), settings.perAddress(), own))
        .orElse(own);
  }

  /**
   * Creates the methods in the order of the file. Entries with the same users or key set share
   * them.
   */
  private List<Method> methods() {
    List<Method> methods = new ArrayList<>();
    for (AuthenticationSettings settings : file.authentication()) {
      methods.add(method(settings, methods));
    }
    return methods;
  }

  private Method method(AuthenticationSettings settings, List<Method> made) {
    return switch (settings) {
      case AuthenticationSettings.Open() -> new Method.Stateless(new OpenAuthenticator());
      case AuthenticationSettings.Password(SecretReference reference) -> passwords(reference, made);
      case AuthenticationSettings.Oidc oidc ->
          tokens(
              new JwtRules.OidcRules(
                  oidc.issuer().toString(), oidc.audiences(), oidc.clientIds(), oidc.groupsClaim()),
              keySet(oidc.issuer(), oidc.jwksUri(), made),
              oidc.required(),
              made);
      case AuthenticationSettings.Cognito cognito -> {
        AuthenticationSettings.UserPool pool =
            cognito
                .pool()
                .orElseThrow(() -> new IllegalStateException("checked at the start: no user pool"));
        URI issuer = cognito.effectiveIssuer().orElseThrow();
        yield tokens(
            new JwtRules.CognitoRules(issuer.toString(), pool.clientId()),
            keySet(issuer, cognito.jwksUri(), made),
            cognito.required(),
            made);
      }
    };
  }

  private Method passwords(SecretReference reference, List<Method> made) {
    return existing(Method.Passwords.class, made)
        .filter(method -> method.reference().equals(reference))
        .findFirst()
        .orElseGet(
            () -> {
              ReloadingUsers users =
                  new ReloadingUsers(
                      reference,
                      new SecretReader(runtime.environment(), runtime.awsSecrets()),
                      runtime.nanoTime(),
                      runtime.clock());
              return new Method.Passwords(
                  reference,
                  users,
                  new PasswordAuthenticator(
                      users::users,
                      runtime.nanoTime(),
                      new SecureRandom(),
                      // Hashing holds its thread, so one core stays free for other requests.
                      Math.max(1, Runtime.getRuntime().availableProcessors() - 1)));
            });
  }

  /** Creates a JWT method. It caches verified tokens, so it is kept only under the same rules. */
  private Method tokens(
      JwtRules rules, KeySet keySet, Optional<Boolean> required, List<Method> made) {
    Authenticator authenticator =
        existing(Method.Tokens.class, made)
            .filter(
                method -> method.keySet().keys() == keySet.keys() && method.rules().equals(rules))
            .map(Method.Tokens::authenticator)
            .findFirst()
            .orElseGet(() -> new JwtAuthenticator(rules, keySet.keys(), runtime.clock()));
    return new Method.Tokens(rules, keySet, required, authenticator);
  }

  private KeySet keySet(URI issuer, Optional<URI> jwksUri, List<Method> made) {
    KeySetLocation location =
        jwksUri
            .<KeySetLocation>map(uri -> new KeySetLocation.At(issuer.toString(), uri))
            .orElseGet(() -> new KeySetLocation.Discovered(issuer.toString()));
    JwksSource keys =
        existing(Method.Tokens.class, made)
            .map(Method.Tokens::keySet)
            .filter(keySet -> keySet.location().equals(location))
            .map(KeySet::keys)
            .findFirst()
            .orElseGet(() -> jwksSource(location));
    return new KeySet(issuer, location, keys);
  }

  private JwksSource jwksSource(KeySetLocation location) {
    return runtime.frozenBetweenRequests()
        ? JwksSource.withinRequests(location, runtime.nanoTime(), runtime.clock())
        : JwksSource.start(location, runtime.nanoTime(), runtime.clock());
  }

  /** Returns the methods of one kind: of this generation first, then of the previous one. */
  private <M extends Method> Stream<M> existing(Class<M> kind, List<Method> made) {
    List<Method> previous = before.map(old -> old.parts().methods()).orElse(List.of());
    return Stream.concat(made.stream(), previous.stream()).filter(kind::isInstance).map(kind::cast);
  }
}

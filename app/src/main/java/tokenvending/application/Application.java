package tokenvending.application;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tokenvending.api.Api;
import tokenvending.api.Origins;
import tokenvending.api.VendEndpoint;
import tokenvending.application.Surroundings.LocalMomento;
import tokenvending.audit.AuditSink;
import tokenvending.authentication.OpenAuthenticator;
import tokenvending.configuration.AuditSettings;
import tokenvending.configuration.AuthenticationSettings;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.CorsSettings;
import tokenvending.configuration.MomentoEndpoint;
import tokenvending.configuration.SecretReader;
import tokenvending.configuration.SecretReference;
import tokenvending.identity.Authentication;
import tokenvending.identity.Authenticator;
import tokenvending.issuing.TokenIssuer;
import tokenvending.issuing.VerifyingTokenIssuer;
import tokenvending.journal.StreamAuditSink;
import tokenvending.limits.Limits;
import tokenvending.momento.ApiKeySource;
import tokenvending.momento.KeyReading;
import tokenvending.momento.MomentoApiKey;
import tokenvending.momento.MomentoTokenIssuer;
import tokenvending.momento.RotatingApiKey;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.secret.Secret;
import tokenvending.vending.Recorder;
import tokenvending.vending.TokenVendingMachine;

/**
 * One configuration, wired: the only place where the parts meet. A changed file makes another one,
 * which takes over the parts whose settings did not change.
 */
public final class Application implements AutoCloseable {
  /** A key that was replaced is out of use after this time, even where nobody refused it. */
  private static final Duration KEY_READ_AGAIN = Duration.ofSeconds(30);

  private final Configuration configuration;
  private final Surroundings surroundings;
  private final Parts parts;
  private final Api api;

  private Application(Configuration configuration, Surroundings surroundings, Parts parts) {
    this.configuration = configuration;
    this.surroundings = surroundings;
    this.parts = parts;

    Recorder recorder = new Recorder(audit());
    MomentoTokenIssuer momento = momento();
    TokenIssuer issuer = new VerifyingTokenIssuer(momento, surroundings.clock());
    Authentication authentication = authentication();
    Limits limits = limits();
    TokenVendingMachine machine =
        new TokenVendingMachine(
            authentication, configuration.policy(), limits, issuer, recorder, surroundings.clock());
    VendEndpoint vend =
        new VendEndpoint(
            machine,
            recorder,
            configuration.policy().parameters(),
            webEndpoint(),
            surroundings.clock(),
            surroundings.random());
    this.api =
        Api.of(
            vend,
            () -> momento.key() instanceof KeyReading.Usable,
            origins(),
            surroundings.clock(),
            surroundings.random());
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

  /** Why no token can be vended yet, in a sentence for the operator; empty when one can. */
  public Optional<String> obstacle() {
    return momento().key() instanceof KeyReading.Unusable(String problem)
        ? Optional.of(problem)
        : Optional.empty();
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
              case AuditSettings.File(Path path) -> throw new UnsupportedOperationException("file");
            });
  }

  private MomentoTokenIssuer momento() {
    return parts.keep(
        MomentoTokenIssuer.class,
        configuration.momento(),
        () ->
            new MomentoTokenIssuer(
                new RotatingApiKey(keySource(), KEY_READ_AGAIN, surroundings.nanoTime()),
                tokenService(),
                MomentoTokenIssuer.USUAL_DEADLINE,
                surroundings.random()));
  }

  private ApiKeySource keySource() {
    if (surroundings.local().isPresent()) {
      Secret key = surroundings.local().get().apiKey();
      return () -> MomentoApiKey.parse(key, Optional.empty());
    }
    SecretReference reference =
        configuration
            .momento()
            .apiKey()
            .orElseThrow(() -> new IllegalStateException("no API key, and no Momento of our own"));
    SecretReader secrets = new SecretReader(surroundings.environment());
    Optional<String> endpoint = endpoint();
    return () ->
        switch (secrets.read(reference)) {
          case SecretReader.Reading.Value(Secret key) -> MomentoApiKey.parse(key, endpoint);
          case SecretReader.Reading.Missing(String problem) -> new KeyReading.Unusable(problem);
          case SecretReader.Reading.Unreadable(String problem) -> new KeyReading.Unusable(problem);
        };
  }

  private Optional<String> endpoint() {
    return configuration
        .momento()
        .endpoint()
        .flatMap(
            endpoint ->
                switch (endpoint) {
                  case MomentoEndpoint.Literal(String host) -> Optional.of(host);
                  case MomentoEndpoint.Environment(SecretReference.Environment(String name)) ->
                      Optional.ofNullable(surroundings.environment().get(name));
                });
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
    return Limits.none();
  }

  private Authentication authentication() {
    List<Authenticator> waysIn = new ArrayList<>();
    for (AuthenticationSettings wayIn : configuration.authentication()) {
      waysIn.add(authenticator(wayIn));
    }
    return new Authentication(waysIn);
  }

  private static Authenticator authenticator(AuthenticationSettings wayIn) {
    return switch (wayIn) {
      case AuthenticationSettings.Open() -> new OpenAuthenticator();
      case AuthenticationSettings.Oidc oidc -> throw new UnsupportedOperationException("oidc");
      case AuthenticationSettings.Cognito cognito ->
          throw new UnsupportedOperationException("cognito");
      case AuthenticationSettings.Password password ->
          throw new UnsupportedOperationException("password");
    };
  }

  private Origins origins() {
    return switch (configuration.cors()) {
      case CorsSettings.AnyOrigin() -> new Origins.Any();
      case CorsSettings.Only(List<String> listed) ->
          new Origins.Listed(Set.copyOf(listed), surroundings.local().isPresent());
    };
  }
}

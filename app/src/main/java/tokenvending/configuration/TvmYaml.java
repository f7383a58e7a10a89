package tokenvending.configuration;

import static tokenvending.configuration.Key.optional;
import static tokenvending.configuration.Key.required;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.configuration.PolicyShapes.RuleDraft;
import tokenvending.configuration.Shape.Numbered;
import tokenvending.limits.Rate;
import tokenvending.limits.RejectionLimits;
import tokenvending.request.DeclaredParameters;

/** Every key of {@code tvm.yaml}, in the order of the reference. */
final class TvmYaml {
  /** Each is compared with every other, for every rule. */
  private static final int MOST_METHODS = 20;

  private static final Pattern REGION = Pattern.compile("[a-z]{2}(-[a-z]+)+-[0-9]");
  private static final Pattern USER_POOL_ID =
      Pattern.compile("(?<region>[a-z]{2}(-[a-z]+)+-[0-9])_[0-9A-Za-z]+|local_[0-9A-Za-z]+");
  private static final Pattern CLIENT_ID = Pattern.compile("[0-9A-Za-z_+]{1,128}");
  private static final Pattern MANAGEMENT =
      Pattern.compile("((?<host>\\[[0-9A-Fa-f:.]+]|[0-9A-Za-z.-]+):)?(?<port>[1-9][0-9]{0,4}|0)");

  /** The file as read, before its policy is compiled. */
  record Draft(
      TokenSettings token,
      List<Numbered<AuthenticationSettings>> authentication,
      DeclaredParameters parameters,
      List<Numbered<RuleDraft>> rules,
      LimitSettings limits,
      MomentoSettings momento,
      StateSettings state,
      Optional<Integer> maxInstances,
      CorsSettings cors,
      AuditSettings audit,
      ServerSettings server) {}

  private final Path folder;

  /**
   * Describes the keys of a file.
   *
   * @param folder the folder for relative paths in the file
   */
  TvmYaml(Path folder) {
    this.folder = folder;
  }

  Shape<Draft> shape() {
    Key<TokenSettings> token = optional("token", token(), "What holds for every token.");
    Key<List<Numbered<AuthenticationSettings>>> authentication =
        required(
            "authentication",
            Shape.numberedList(method(), 0, MOST_METHODS),
            "Ways in, tried in order; the first that recognises the credential decides.");
    Key<DeclaredParameters> parameters =
        optional(
            "parameters",
            PolicyShapes.PARAMETERS,
            "What a caller may say about the request; anything else is refused.");
    Key<List<Numbered<RuleDraft>>> rules =
        required(
            "rules", PolicyShapes.RULES, "Who may have what; the first rule that matches decides.");
    Key<LimitSettings> limits = optional("limits", limits(), "How often one caller may ask.");
    Key<MomentoSettings> momento =
        optional("momento", momento(), "How to reach Momento; without a key, use is local.");
    Key<StateSettings> state =
        optional("state", Texts.state(), "Where budget, limits and reuse are counted.");
    Key<Integer> maxInstances =
        optional(
            "max-instances",
            Shape.number(1, 10_000),
            "While a shared state is unavailable, each instance may use budget ÷ this.");
    Key<CorsSettings> cors = optional("cors", cors(), "Which web pages may read answers.");
    Key<AuditSettings> audit =
        optional("audit", audit(), "The audit log: one line for every request.");
    Key<ServerSettings> server = optional("server", server(), "Where the server listens.");
    return Shape.tolerantSection(
        List.of(
            token,
            authentication,
            parameters,
            rules,
            limits,
            momento,
            state,
            maxInstances,
            cors,
            audit,
            server),
        fields -> {
          LimitSettings limited = fields.of(limits).orElse(LimitSettings.NONE);
          if (limited.perCaller().isEmpty() && limited.perAddress().isEmpty()) {
            fields.warning(
                limits,
                "none, so one caller can use up what the account may mint: write per-caller and"
                    + " per-address");
          }
          return Optional.of(
              new Draft(
                  fields.of(token).orElse(TokenSettings.DEFAULT),
                  fields.of(authentication).orElse(List.of()),
                  fields.of(parameters).orElse(new DeclaredParameters(List.of())),
                  fields.of(rules).orElse(List.of()),
                  limited,
                  fields.of(momento).orElse(MomentoSettings.DEFAULT),
                  fields.of(state).orElse(new StateSettings.Memory()),
                  fields.of(maxInstances),
                  fields.of(cors).orElse(new CorsSettings.Only(List.of())),
                  fields.of(audit).orElse(AuditSettings.DEFAULT),
                  fields.of(server).orElse(ServerSettings.DEFAULT)));
        });
  }

  private static Shape<TokenSettings> token() {
    Key<Duration> ttl =
        optional("ttl", Texts.ttl(), "The life of a token where its rule says nothing: 1s to 25h.");
    Key<Boolean> withinSession =
        optional(
            "within-session",
            Shape.truth(),
            "Whether a token never outlives the JWT that it was given for.");
    return Shape.section(
        List.of(ttl, withinSession),
        fields ->
            new TokenSettings(
                fields.of(ttl).orElse(TokenSettings.DEFAULT.ttl()),
                fields.of(withinSession).orElse(TokenSettings.DEFAULT.withinSession())));
  }

  private Shape<AuthenticationSettings> method() {
    Key<AuthenticationSettings> oidc =
        optional("oidc", oidc(), "JWTs of any OpenID Connect issuer.");
    Key<AuthenticationSettings> cognito =
        optional("cognito", cognito(), "JWTs of an Amazon Cognito user pool.");
    Key<AuthenticationSettings> password =
        optional("password", password(), "Users with passwords.");
    Key<AuthenticationSettings> open =
        optional(
            "open",
            Shape.section(List.of(), fields -> new AuthenticationSettings.Open()),
            "Anybody: open: {}");
    Shape<AuthenticationSettings> bareOpen =
        Shape.choice(List.of(new AuthenticationSettings.Open()), way -> "open");
    return Shape.textOrSection(bareOpen, Shape.oneKey(List.of(oidc, cognito, password, open)))
        .called("a way in, such as `- open: {}`");
  }

  private static Shape<AuthenticationSettings> oidc() {
    Key<URI> issuer =
        required(
            "issuer",
            Texts.address("https://login.example.com/"),
            "The issuer, exactly as its tokens say it in `iss`.");
    Key<List<String>> audience =
        optional(
            "audience",
            Shape.oneOrMore(Texts.plainName("a name that the issuer knows this service by")),
            "What tokens must have in `aud`; a list means any of them. Required without"
                + " client-id.");
    Key<List<String>> clientId =
        optional(
            "client-id",
            Shape.oneOrMore(Texts.plainName("the id of a client of the issuer")),
            "The client that tokens must be issued to, by `azp` or `client_id`; a list means any of"
                + " them. Needed where `aud` does not name this service, or has several values.");
    Key<URI> jwksUri = jwksUri();
    Key<String> groupsClaim =
        optional(
            "groups-claim",
            Texts.plainName("the name of a claim"),
            "The claim that lists a caller's groups: its name, or a path such as"
                + " `realm_access.roles`. Default: `groups`.");
    Key<Boolean> required = requiredIssuer();
    Key<List<String>> trustedClaims = trustedClaims();
    return Shape.atLeastOneOf(
        List.of(audience, clientId),
        List.of(issuer, audience, clientId, jwksUri, groupsClaim, required, trustedClaims),
        fields ->
            new AuthenticationSettings.Oidc(
                fields.of(issuer).orElseThrow(),
                fields.of(audience).orElse(List.of()),
                fields.of(clientId).orElse(List.of()),
                fields.of(jwksUri),
                fields.of(groupsClaim).orElse("groups"),
                fields.of(required),
                Set.copyOf(fields.of(trustedClaims).orElse(List.of()))));
  }

  private static Key<List<String>> trustedClaims() {
    return optional(
        "trusted-claims",
        Shape.list(Texts.plainName("the name of a claim"), 0),
        "Claims such as `email` that users of this issuer cannot set themselves: `check` does not"
            + " warn where a rule relies on them. Default: none.");
  }

  private static Key<Boolean> requiredIssuer() {
    return optional(
        "required",
        Shape.truth(),
        "Whether the server is not ready while this issuer's keys cannot be used. Default: only"
            + " while no issuer's keys can be used.");
  }

  private static Key<URI> jwksUri() {
    return optional(
        "jwks-uri",
        Texts.address("https://login.example.com/keys"),
        "The issuer's keys; else its discovery document says where they are.");
  }

  private static Shape<AuthenticationSettings> cognito() {
    Key<String> region =
        optional("region", Texts.matching("an AWS region such as us-west-2", REGION), "AWS region");
    Key<String> pool =
        optional(
            "user-pool-id",
            Texts.matching("a user pool id such as us-west-2_Abc123", USER_POOL_ID),
            "The user pool; on AWS the stack can create one.");
    Key<String> client =
        optional(
            "client-id",
            Texts.matching("a client id of letters and digits", CLIENT_ID),
            "The client of the pool that tokens must be for.");
    Key<URI> issuer =
        optional(
            "issuer",
            Texts.address("https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Abc123"),
            "In place of the pool's own, for tests.");
    Key<URI> jwksUri = jwksUri();
    Key<Boolean> required = requiredIssuer();
    Key<List<String>> trustedClaims = trustedClaims();
    List<Key<String>> needed = List.of(region, pool, client);
    return Shape.tolerantSection(
        List.of(region, pool, client, issuer, jwksUri, required, trustedClaims),
        fields -> {
          if (needed.stream().anyMatch(fields::isWritten)) {
            needed.stream()
                .filter(key -> !fields.isWritten(key))
                .forEach(
                    key ->
                        fields.error(
                            key,
                            "missing: expected "
                                + key.shape().expected()
                                + ", or none of region, user-pool-id and client-id on AWS"));
          }
          Optional<AuthenticationSettings.UserPool> userPool =
              needed.stream().allMatch(key -> fields.of(key).isPresent())
                  ? Optional.of(
                      new AuthenticationSettings.UserPool(
                          fields.of(region).orElseThrow(),
                          fields.of(pool).orElseThrow(),
                          fields.of(client).orElseThrow()))
                  : Optional.empty();
          userPool.ifPresent(
              written -> {
                boolean local = fields.isWritten(issuer);
                if (!local && !written.id().startsWith(written.region() + "_")) {
                  fields.error(pool, "a pool of another region than " + written.region());
                }
              });
          return Optional.of(
              new AuthenticationSettings.Cognito(
                  userPool,
                  fields.of(issuer),
                  fields.of(jwksUri),
                  fields.of(required),
                  Set.copyOf(fields.of(trustedClaims).orElse(List.of()))));
        });
  }

  private Shape<AuthenticationSettings> password() {
    Key<SecretReference> users =
        required(
            "users",
            Texts.reference(
                folder, Shape.words("file", "file:users.yaml", "aws-secret", "aws-secret:NAME")),
            "The users file: user → {hash: $argon2id$…, groups: […]}.");
    return Shape.section(
        List.of(users),
        fields -> new AuthenticationSettings.Password(fields.of(users).orElseThrow()));
  }

  private static Shape<LimitSettings> limits() {
    Key<Rate> perCaller = optional("per-caller", Texts.rate(), "By verified subject.");
    Key<Rate> perAddress =
        optional(
            "per-address",
            Texts.rate(),
            "By client address; IPv6 by /64, "
                + "with 4 times as much for a /56 and 8 times for a /48.");
    Key<Rate> rejections =
        optional(
            "rejections-per-address",
            Texts.rate(),
            "Rejected requests (such as 400, 401, 403 and 404) of one client address, beyond which"
                + " it gets 429. Default: 300/m.");
    Key<Integer> connections =
        optional(
            "connections-per-address",
            Shape.number(1, 2_000),
            "Connections of one client address at a time. Default: 200. Of 2,000 in total.");
    Key<List<AddressRange>> proxies =
        optional(
            "trusted-proxies",
            Shape.list(Texts.addressRange(), 0),
            "Proxies whose X-Forwarded-For and Forwarded headers are trusted: addresses and"
                + " ranges.");
    return Shape.section(
        List.of(perCaller, perAddress, rejections, connections, proxies),
        fields -> {
          List<AddressRange> ranges = fields.of(proxies).orElse(List.of());
          if (ranges.stream().anyMatch(range -> range.bits() == 0)) {
            fields.warning(proxies, "a range of /0: any caller can claim any address");
          }
          return new LimitSettings(
              fields.of(perCaller),
              fields.of(perAddress),
              fields.of(rejections).orElse(RejectionLimits.DEFAULT),
              fields.of(connections).orElse(LimitSettings.CONNECTIONS_PER_ADDRESS),
              ranges);
        });
  }

  private Shape<MomentoSettings> momento() {
    Key<SecretReference> apiKey =
        optional(
            "api-key",
            Texts.reference(
                folder,
                Shape.words(
                    "env", "env:NAME", "file", "file:PATH", "aws-secret", "aws-secret:NAME")),
            "Where the API key is; without one, use is local.");
    Key<MomentoEndpoint> endpoint =
        optional("endpoint", Texts.endpoint(), "Needed by v2 keys only: a host name or env:NAME.");
    Key<URI> tokenService =
        optional(
            "token-service",
            Texts.service("https://token.cell-4-us-west-2-1.prod.a.momentohq.com"),
            "In place of what key and endpoint say; http to loopback only.");
    Key<Rate> budget =
        optional("budget", Texts.rate(), "What the account may mint; 5/s by itself.");
    Key<Duration> maxWait =
        optional(
            "max-wait",
            // A request is limited to ten seconds, of which a call can take four.
            Texts.wait(Duration.ofSeconds(5)),
            "How long a caller may queue for it; 2s by itself.");
    return Shape.section(
        List.of(apiKey, endpoint, tokenService, budget, maxWait),
        fields ->
            new MomentoSettings(
                fields.of(apiKey),
                fields.of(endpoint),
                fields.of(tokenService),
                fields.of(budget).orElse(MomentoSettings.DEFAULT.budget()),
                fields.of(maxWait).orElse(MomentoSettings.DEFAULT.maxWait())));
  }

  private static Shape<CorsSettings> cors() {
    Key<List<String>> origins =
        required(
            "allow-origins",
            Shape.list(Texts.origin(), 0),
            "Origins, such as https://chat.example.com; https://*.example.com for every subdomain"
                + " (one label) of example.com; \"*\" for all of them.");
    return Shape.section(
        List.of(origins),
        fields -> {
          List<String> written = fields.of(origins).orElseThrow();
          if (!written.contains("*")) {
            written.stream()
                .filter(Texts::isWildcard)
                .forEach(
                    origin ->
                        fields.warning(
                            origins,
                            "\""
                                + origin
                                + "\": a page of any subdomain, also of one that is forgotten or"
                                + " taken over, can ask for tokens in its visitor's place"));
            return new CorsSettings.Only(written);
          }
          if (written.size() > 1) {
            fields.error(origins, "\"*\" stands for all: expected it alone, or the origins alone");
          }
          fields.warning(origins, "\"*\": any web page can ask for tokens in its visitor's place");
          return new CorsSettings.AnyOrigin();
        });
  }

  private Shape<AuditSettings> audit() {
    Key<AuditSettings.Target> to =
        required(
            "to",
            Shape.word(
                "stdout or file:PATH",
                Shape.ordered("type", "string", "pattern", "^(stdout|file:.+)$"),
                (text, problem) -> {
                  if (text.equals("stdout")) {
                    return Optional.of(new AuditSettings.Stdout());
                  }
                  if (text.startsWith("file:")) {
                    return Texts.file(text.substring("file:".length()), folder, problem)
                        .map(AuditSettings.File::new);
                  }
                  problem.accept("expected stdout or file:PATH");
                  return Optional.empty();
                }),
            "stdout or file:PATH.");
    Key<List<String>> claims =
        optional(
            "claims",
            Shape.list(Texts.plainName("a claim name such as tenant"), 0),
            "Claims whose values the audit log holds where a rule asks for them. Default: none,"
                + " only their names.");
    return Shape.section(
        List.of(to, claims),
        fields ->
            new AuditSettings(
                fields.of(to).orElseThrow(), Set.copyOf(fields.of(claims).orElse(List.of()))));
  }

  private Shape<ServerSettings> server() {
    Key<String> host =
        optional("host", Texts.host(), "The address to listen at; 127.0.0.1 by itself.");
    Key<Integer> port =
        optional("port", Shape.number(0, 65_535), "The port to listen at; 0 takes a free one.");
    Key<List<String>> allowedHosts =
        optional(
            "allowed-hosts",
            Shape.list(Texts.host(), 0),
            "Host names that requests may use besides loopback and host, without port, such as"
                + " those that a reverse proxy passes on.");
    Key<ServerSettings.Tls> tls = optional("tls", tls(), "PEM files; plain HTTP without.");
    Key<ServerSettings.Management> management =
        optional(
            "management-port",
            management(),
            "Health and metrics: a port at loopback, or \"HOST:PORT\"; none by itself.");
    Key<Boolean> demoPages =
        optional("demo-pages", Shape.truth(), "Chat and playground; on by itself in local use.");
    return Shape.section(
        List.of(host, port, allowedHosts, tls, management, demoPages),
        fields ->
            new ServerSettings(
                fields.of(host).orElse(ServerSettings.DEFAULT.host()),
                fields.of(port).orElse(ServerSettings.DEFAULT.port()),
                fields.of(allowedHosts).orElse(List.of()),
                fields.of(tls),
                fields.of(management),
                fields.of(demoPages)));
  }

  private Shape<ServerSettings.Tls> tls() {
    Key<Path> certificate =
        required("certificate", Texts.file(folder, "file:cert.pem"), "The certificate chain.");
    Key<Path> key = required("key", Texts.file(folder, "file:key.pem"), "Its private key.");
    return Shape.section(
        List.of(certificate, key),
        fields ->
            new ServerSettings.Tls(
                fields.of(certificate).orElseThrow(), fields.of(key).orElseThrow()));
  }

  private static Shape<ServerSettings.Management> management() {
    String expected = "a port such as 9090, or \"HOST:PORT\"";
    return Shape.word(
        expected,
        Map.of(
            "anyOf",
            List.of(
                Shape.ordered("type", "integer", "minimum", 0, "maximum", 65_535),
                Shape.ordered("type", "string", "pattern", "^(.+:)?[0-9]{1,5}$"))),
        (text, problem) -> {
          Matcher matcher = MANAGEMENT.matcher(text);
          if (!matcher.matches() || Integer.parseInt(matcher.group("port")) > 65_535) {
            problem.accept("expected " + expected);
            return Optional.empty();
          }
          String host = matcher.group("host");
          return Optional.of(
              new ServerSettings.Management(
                  host == null ? ServerSettings.LOOPBACK : host.replaceAll("[\\[\\]]", ""),
                  Integer.parseInt(matcher.group("port"))));
        });
  }
}

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
import tokenvending.identity.AddressRange;
import tokenvending.limits.Rate;
import tokenvending.limits.RejectionLimits;
import tokenvending.policy.DenyRule;
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
      List<DenyRule> deny,
      Optional<BlockSettings> blocks,
      LimitSettings limits,
      MomentoSettings momento,
      StateSettings state,
      Optional<Integer> maxInstances,
      CorsSettings cors,
      AuditSettings audit,
      ServerSettings server,
      AwsOptions aws) {}

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
    Key<TokenSettings> token = optional("token", token(), "Settings of every token.");
    Key<List<Numbered<AuthenticationSettings>>> authentication =
        required(
            "authentication",
            Shape.numberedList(method(), 0, MOST_METHODS),
            "Authentication methods, tried in order. The first that recognizes the credential"
                + " decides.");
    Key<DeclaredParameters> parameters =
        optional(
            "parameters",
            PolicyShapes.PARAMETERS,
            "Parameters that a request can have. Any other parameter is rejected.");
    Key<List<Numbered<RuleDraft>>> rules =
        required(
            "rules",
            PolicyShapes.RULES,
            "Which callers get which tokens. The first rule that matches decides.");
    Key<List<DenyRule>> deny =
        optional(
            "deny",
            DenyShape.list(),
            "Callers who get no token, whatever the rules grant. Checked before the rules.");
    Key<BlockSettings> blocks =
        optional(
            "blocks",
            DenyShape.blocks(folder),
            "Where the list of `tvm block` is: the shared state, or a file. Default: no list.");
    Key<LimitSettings> limits =
        optional("limits", limits(), "Rate limits of callers and addresses.");
    Key<MomentoSettings> momento =
        optional(
            "momento",
            momento(),
            "How to reach Momento. Without an API key, the server is in local use.");
    Key<StateSettings> state =
        optional(
            "state",
            Texts.state(),
            "Where the budget queue, the limits and the token cache are kept. Default: memory.");
    Key<Integer> maxInstances =
        optional(
            "max-instances",
            Shape.number(1, 10_000),
            "The largest number of instances. While the shared state is unavailable, each uses the"
                + " budget divided by it.");
    Key<CorsSettings> cors = optional("cors", cors(), "Web pages that can read responses.");
    Key<AuditSettings> audit =
        optional("audit", audit(), "The audit log: one line for every request.");
    Key<ServerSettings> server =
        optional("server", server(), "Addresses, TLS and pages of the server.");
    Key<AwsOptions> aws =
        optional("aws", AwsYaml.shape(), "The deployment on AWS; the server does not read it.");
    return Shape.tolerantSection(
        List.of(
            token,
            authentication,
            parameters,
            rules,
            deny,
            blocks,
            limits,
            momento,
            state,
            maxInstances,
            cors,
            audit,
            server,
            aws),
        fields -> {
          LimitSettings limited = fields.of(limits).orElse(LimitSettings.NONE);
          if (limited.perCaller().isEmpty() && limited.perAddress().isEmpty()) {
            fields.warning(
                limits,
                "no limits, so one caller can use up the account's rate budget: set per-caller and"
                    + " per-address");
          }
          if (fields.of(server).flatMap(ServerSettings::tokenExchange).isPresent()
              && fields.of(authentication).orElse(List.of()).stream()
                  .noneMatch(method -> AuthenticationSettings.takesJwts(method.value()))) {
            fields.warning(
                server, "token-exchange without oidc or cognito: no method accepts JWTs");
          }
          return Optional.of(
              new Draft(
                  fields.of(token).orElse(TokenSettings.DEFAULT),
                  fields.of(authentication).orElse(List.of()),
                  fields.of(parameters).orElse(new DeclaredParameters(List.of())),
                  fields.of(rules).orElse(List.of()),
                  fields.of(deny).orElse(List.of()),
                  fields.of(blocks),
                  limited,
                  fields.of(momento).orElse(MomentoSettings.DEFAULT),
                  fields.of(state).orElse(new StateSettings.Memory()),
                  fields.of(maxInstances),
                  fields.of(cors).orElse(new CorsSettings.Only(List.of())),
                  fields.of(audit).orElse(AuditSettings.DEFAULT),
                  fields.of(server).orElse(ServerSettings.DEFAULT),
                  fields.of(aws).orElse(AwsOptions.DEFAULT)));
        });
  }

  private static Shape<TokenSettings> token() {
    Key<Duration> ttl =
        optional("ttl", Texts.ttl(), "The lifetime of a token whose rule has no ttl: 1s to 25h.");
    Key<Boolean> withinSession =
        optional(
            "within-session",
            Shape.truth(),
            "Whether a token expires with the caller's JWT at the latest.");
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
            "Every caller, without a credential.");
    Shape<AuthenticationSettings> bareOpen =
        Shape.choice(List.of(new AuthenticationSettings.Open()), way -> "open");
    return Shape.textOrSection(bareOpen, Shape.oneKey(List.of(oidc, cognito, password, open)))
        .called("an authentication method, such as `- open: {}`");
  }

  private static Shape<AuthenticationSettings> oidc() {
    Key<URI> issuer =
        required(
            "issuer",
            Texts.address("https://login.example.com/"),
            "The issuer, exactly as in the claim `iss` of its tokens.");
    Key<List<String>> audience =
        optional(
            "audience",
            Shape.oneOrMore(Texts.plainName("an audience")),
            "The audience that tokens must have in `aud`; of a list, any. Required without"
                + " client-id.");
    Key<List<String>> clientId =
        optional(
            "client-id",
            Shape.oneOrMore(Texts.plainName("the id of a client of the issuer")),
            "The client that tokens must be issued to, by `azp` or `client_id`; of a list, any."
                + " Required where `aud` does not name this service, or has several values.");
    Key<String> webClientId =
        optional(
            "web-client-id",
            Texts.plainName("the id of a public client of the issuer"),
            "The public client with which the chat and the playground sign users in, by"
                + " authorization code with PKCE. They send its ID tokens, so `audience` must list"
                + " it. Default: users paste a JWT.");
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
        List.of(
            issuer, audience, clientId, webClientId, jwksUri, groupsClaim, required, trustedClaims),
        fields -> {
          List<String> audiences = fields.of(audience).orElse(List.of());
          fields
              .of(webClientId)
              .filter(id -> !audiences.contains(id))
              .ifPresent(
                  id ->
                      fields.error(
                          webClientId,
                          "ID tokens of this client have it in `aud`: add it to audience"));
          return new AuthenticationSettings.Oidc(
              fields.of(issuer).orElseThrow(),
              audiences,
              fields.of(clientId).orElse(List.of()),
              fields.of(webClientId),
              fields.of(jwksUri),
              fields.of(groupsClaim).orElse("groups"),
              fields.of(required),
              Set.copyOf(fields.of(trustedClaims).orElse(List.of())));
        });
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
        "The issuer's keys. Default: as in its discovery document.");
  }

  private static Shape<AuthenticationSettings> cognito() {
    Key<String> region =
        optional("region", Texts.matching("an AWS region such as us-west-2", REGION), "AWS region");
    Key<String> pool =
        optional(
            "user-pool-id",
            Texts.matching("a user pool id such as us-west-2_Abc123", USER_POOL_ID),
            "The user pool. On AWS, the stack can create one.");
    Key<String> client =
        optional(
            "client-id",
            Texts.matching("a client id of letters and digits", CLIENT_ID),
            "The client of the pool that tokens must be for.");
    Key<URI> issuer =
        optional(
            "issuer",
            Texts.address("https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Abc123"),
            "Replaces the pool's own, for tests.");
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
                  fields.error(pool, "a pool of a different region than " + written.region());
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
                + "with 4 times the rate for a /56 and 8 times for a /48.");
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
            "Where the API key is. Without it, the server is in local use.");
    Key<MomentoEndpoint> endpoint =
        optional(
            "endpoint", Texts.endpoint(), "Required by v2 keys only: a host name or env:NAME.");
    Key<URI> tokenService =
        optional(
            "token-service",
            Texts.service("https://token.cell-4-us-west-2-1.prod.a.momentohq.com"),
            "Replaces the endpoint of the API key. http is for loopback only.");
    Key<Rate> budget =
        optional(
            "budget",
            Texts.rate(),
            "The rate budget: how often the account can mint. Default: 5/s.");
    Key<Duration> maxWait =
        optional(
            "max-wait",
            // A request is limited to ten seconds, of which a call can take four.
            Texts.wait(Duration.ofSeconds(5)),
            "How long a request can wait for the budget, at most 5s. Default: 2s.");
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
                                + "\": a page of any subdomain, even an abandoned one, can request"
                                + " tokens as its visitor"));
            return new CorsSettings.Only(written);
          }
          if (written.size() > 1) {
            fields.error(origins, "\"*\" means all: expected it alone, or a list of origins");
          }
          fields.warning(origins, "\"*\": any web page can request tokens as its visitor");
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
            "Claims whose values the audit log has where a rule requires them. Default: none, only"
                + " their names.");
    return Shape.section(
        List.of(to, claims),
        fields ->
            new AuditSettings(
                fields.of(to).orElseThrow(), Set.copyOf(fields.of(claims).orElse(List.of()))));
  }

  private Shape<ServerSettings> server() {
    Key<String> host =
        optional("host", Texts.host(), "The address to listen at. Default: 127.0.0.1.");
    Key<Integer> port =
        optional(
            "port",
            Shape.number(0, 65_535),
            "The port to listen at. 0 selects a free one. Default: 8080.");
    Key<List<String>> allowedHosts =
        optional(
            "allowed-hosts",
            Shape.list(Texts.host(), 0),
            "Host names, without port, that requests can have besides loopback and host, such as"
                + " those that a reverse proxy forwards.");
    Key<ServerSettings.Tls> tls =
        optional("tls", tls(), "PEM files. Without them, the server uses plain HTTP.");
    Key<ServerSettings.Management> management =
        optional(
            "management-port",
            management(),
            "Health and metrics: a port at loopback, or \"HOST:PORT\". Default: none.");
    Key<URI> issuer =
        required(
            "issuer",
            Texts.service("https://tokens.example.com"),
            "The address of the server as clients see it, without a path.");
    Key<Boolean> demoPages =
        optional(
            "demo-pages",
            Shape.truth(),
            "Chat and playground. Default: true in local use, else false.");
    Key<URI> tokenExchange =
        optional(
            "token-exchange",
            Shape.section(List.of(issuer), fields -> fields.of(issuer).orElseThrow()),
            "POST /token: a token exchange (RFC 8693). Default: none.");
    return Shape.section(
        List.of(host, port, allowedHosts, tls, management, demoPages, tokenExchange),
        fields ->
            new ServerSettings(
                fields.of(host).orElse(ServerSettings.DEFAULT.host()),
                fields.of(port).orElse(ServerSettings.DEFAULT.port()),
                fields.of(allowedHosts).orElse(List.of()),
                fields.of(tls),
                fields.of(management),
                fields.of(demoPages),
                fields.of(tokenExchange)));
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

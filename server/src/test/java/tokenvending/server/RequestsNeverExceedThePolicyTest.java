package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.application.Application;
import tokenvending.configuration.ConfigurationResult;
import tokenvending.identity.Claim;
import tokenvending.identity.Principal;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.permission.FunctionRole;
import tokenvending.permission.TopicRole;
import tokenvending.policy.AuthenticationMethod;
import tokenvending.policy.PermissionDocument;
import tokenvending.policy.PolicyDocument;
import tokenvending.policy.Reuse;
import tokenvending.policy.RuleDocument;
import tokenvending.policy.SelectorDocument;
import tokenvending.request.Parameter;
import tokenvending.request.VendRequest;
import tokenvending.server.http.HttpListener;
import tokenvending.server.http.HttpSettings;
import tokenvending.testing.NaiveEvaluator;
import tokenvending.testing.NaiveEvaluator.Call;
import tokenvending.testing.NaiveEvaluator.Verdict;
import tokenvending.testing.SentRequest;
import tokenvending.testing.Triples;

/**
 * Generated files, JWTs and HTTP requests through the real server over a socket, judged by the
 * bytes that the token service received meanwhile: they ask for exactly what {@link NaiveEvaluator}
 * grants, and where it grants nothing there are none.
 */
@Tag("I1")
@Tag("T1")
@Tag("T18")
final class RequestsNeverExceedThePolicyTest {
  private static final int REQUESTS = 10_000;
  private static final int CALLERS_PER_FILE = 10;
  private static final int REQUESTS_PER_CALLER = 12;

  /** Longer than any token's, so that no session shortens one. */
  private static final long LIFE_OF_A_JWT = 200_000;

  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
  private static final Pattern ORDINARY = Pattern.compile("[ -~]{1,100}");

  @TempDir private Path folder;
  private final long seed = Long.getLong("seed", 20_260_109L);
  private final Random random = new Random(seed);
  private final Triples generated =
      new Triples(
          random,
          List.of(
              new AuthenticationMethod.Open(),
              new AuthenticationMethod.Issuer(Triples.X),
              new AuthenticationMethod.Issuer(Triples.Y)));
  private final Map<String, Integer> counts = new TreeMap<>();

  /** What is done to a request, besides what it asks for. */
  private enum Twist {
    NONE,
    POST,
    FORGED_SIGNATURE,
    REPEATED_PARAMETER,
    OTHER_METHOD,
    HEADERS_THAT_CLAIM_MORE
  }

  /** A caller, what shows who he is, and whether any server must believe that. */
  private record Caller(Principal principal, Optional<String> jwt, boolean ordinary) {}

  /** One connection after the other: some refusals are the last of their own. */
  private static final class Connection implements AutoCloseable {
    private final int port;
    private Wire wire;

    Connection(int port) {
      this.port = port;
      this.wire = Wire.to(port);
    }

    Answer ask(String request) {
      Answer answer = wire.send(request).answer();
      if (answer.header("connection").equals("close")) {
        wire.close();
        wire = Wire.to(port);
      }
      return answer;
    }

    @Override
    public void close() {
      wire.close();
    }
  }

  @Test
  void what_arrives_upstream_is_exactly_what_the_file_says() {
    AtomicReference<Application> current = new AtomicReference<>();
    int requests = 0;
    try (Stage stage =
        Stage.start(
            folder, MomentoLocalOptions.defaults().withAuthOperationsPerSecond(1_000_000))) {
      current.set(stage.under(stage.configuration(Vendor.OPEN)));
      HttpSettings settings =
          new HttpSettings(
              "127.0.0.1", 0, Optional.empty(), Optional.empty(), HttpSettings.Limits.USUAL);
      try (HttpListener listener =
              HttpListener.start(
                  settings,
                  () -> current.get().api(),
                  () -> Vendor.RULES,
                  InstantSource.system(),
                  builder -> {});
          Connection connection = new Connection(listener.port())) {
        while (requests < REQUESTS) {
          PolicyDocument document = neverReusing(generated.document());
          String yaml = yaml(stage, document);
          if (!(stage.read(yaml) instanceof ConfigurationResult.Read read)) {
            continue;
          }
          count("files");
          current.set(stage.under(read.configuration()));
          for (int i = 0; i < CALLERS_PER_FILE; i++) {
            Caller caller = caller(stage, document);
            for (int j = 0; j < REQUESTS_PER_CALLER; j++) {
              one(stage, connection, document, yaml, caller);
              requests++;
            }
          }
        }
      }
    }

    // Without these the test could hold for want of anything to look at.
    assertThat(counts.get("files")).isGreaterThan(75);
    for (int status : List.of(200, 400, 401, 403, 405)) {
      assertThat(counts.getOrDefault("answered " + status, 0))
          .as(counts.toString())
          .isGreaterThan(REQUESTS / 100);
    }
    assertThat(counts.get("answered 200")).as(counts.toString()).isGreaterThan(REQUESTS / 8);
    assertThat(counts.get("narrowed")).as(counts.toString()).isGreaterThan(REQUESTS / 100);
    assertThat(counts.get("by JWT")).as(counts.toString()).isGreaterThan(REQUESTS / 16);
  }

  private void one(
      Stage stage, Connection connection, PolicyDocument document, String yaml, Caller caller) {
    Twist twist = twist();
    VendRequest request = asArrives(document, generated.request(document, caller.principal), twist);
    String sentByUs = http(request, caller, twist);
    stage.minted.clear();
    try {
      Answer answer = connection.ask(sentByUs);
      List<byte[]> arrived = List.copyOf(stage.minted);
      count("answered " + answer.status());
      judge(document, caller, request, twist, answer, arrived);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed %d %s%n%s%n%s".formatted(seed, counts, yaml, sentByUs), e);
    }
  }

  private void judge(
      PolicyDocument document,
      Caller caller,
      VendRequest request,
      Twist twist,
      Answer answer,
      List<byte[]> arrived) {
    boolean vendable =
        isWellFormed(document, request)
            && twist != Twist.OTHER_METHOD
            && twist != Twist.REPEATED_PARAMETER
            && (twist != Twist.FORGED_SIGNATURE || caller.jwt.isEmpty());
    Optional<Verdict> verdict =
        vendable
            ? NaiveEvaluator.decide(document, caller.principal, request, Triples.NOW)
            : Optional.empty();
    if (answer.status() != 200) {
      require(arrived.isEmpty(), "refused, but " + arrived.size() + " arrived");
      require(
          verdict.isEmpty() || !caller.ordinary,
          "refused with " + answer.status() + " what should be granted");
      return;
    }
    require(verdict.isPresent(), "granted what should be refused");
    require(arrived.size() == 1, arrived.size() + " arrived");
    SentRequest sent = SentRequest.ofFrame(arrived.getFirst());
    for (Call call : NaiveEvaluator.witnesses(sent.statements())) {
      require(NaiveEvaluator.allows(verdict.get().statements(), call), "too much: " + call);
    }
    require(
        new HashSet<>(sent.statements()).equals(new HashSet<>(verdict.get().statements())),
        "other statements: " + sent.statements());
    require(sent.seconds() == verdict.get().ttl().toSeconds(), "for " + sent.seconds() + " s");
    require(sent.tokenId().equals(verdict.get().id()), "as " + sent.tokenId());
    if (request.narrower().isPresent()) {
      count("narrowed");
    }
    if (caller.jwt.isPresent()) {
      count("by JWT");
    }
  }

  /** By the words of the HTTP documentation, and nothing of the server's. */
  private static boolean isWellFormed(PolicyDocument document, VendRequest request) {
    Map<String, Parameter> declared = new HashMap<>();
    document.parameters().all().forEach(parameter -> declared.put(parameter.name(), parameter));
    for (Map.Entry<String, String> said : request.parameters().entrySet()) {
      Parameter parameter = declared.get(said.getKey());
      String value = said.getValue();
      if (parameter == null
          || value.isEmpty()
          || value.length() > parameter.maxLength()
          || UNPRINTABLE.matcher(value).find()) {
        return false;
      }
    }
    return declared.values().stream()
        .allMatch(one -> !one.required() || request.parameters().containsKey(one.name()));
  }

  private Twist twist() {
    return switch (random.nextInt(20)) {
      case 0 -> Twist.FORGED_SIGNATURE;
      case 1 -> Twist.REPEATED_PARAMETER;
      case 2 -> Twist.OTHER_METHOD;
      case 3, 4, 5 -> Twist.HEADERS_THAT_CLAIM_MORE;
      case 6, 7, 8, 9, 10, 11 -> Twist.POST;
      default -> Twist.NONE;
    };
  }

  /** UTF-8 has no lone surrogates: in a query they are question marks. Not too much to be read. */
  private VendRequest asArrives(PolicyDocument document, VendRequest request, Twist twist) {
    boolean saysMore = random.nextInt(8) == 0;
    int longest = twist == Twist.POST ? 2_000 : 500;
    Map<String, String> parameters = new HashMap<>();
    request
        .parameters()
        .forEach(
            (name, value) -> {
              if (!saysMore && document.parameters().named(name).isEmpty()) {
                return;
              }
              String cut = value.substring(0, Math.min(value.length(), longest));
              parameters.put(
                  name, twist == Twist.POST ? cut : new String(cut.getBytes(UTF_8), UTF_8));
            });
    return new VendRequest(parameters, request.narrower(), request.ttl());
  }

  private String http(VendRequest request, Caller caller, Twist twist) {
    List<String[]> fields = new ArrayList<>();
    request.parameters().forEach((name, value) -> fields.add(new String[] {name, value}));
    request
        .narrower()
        .ifPresent(
            set -> set.texts().forEach(text -> fields.add(new String[] {"permission", text})));
    request.ttl().ifPresent(ttl -> fields.add(new String[] {"ttl", ttl.toSeconds() + "s"}));
    if (twist == Twist.REPEATED_PARAMETER) {
      fields.add(new String[] {"ttl", "60"});
      fields.add(new String[] {"ttl", "60"});
    }
    StringBuilder headers = new StringBuilder("Host: localhost\r\n");
    caller.jwt.ifPresent(
        jwt -> {
          String shown = twist == Twist.FORGED_SIGNATURE ? bent(jwt) : jwt;
          headers.append("Authorization: Bearer ").append(shown).append("\r\n");
        });
    if (twist == Twist.HEADERS_THAT_CLAIM_MORE) {
      headers.append("x-amzn-requestcontext: {\"authorizer\":{\"sub\":\"root\"}}\r\n");
      headers.append("usergroup: moderators\r\nX-Forwarded-For: 127.0.0.1\r\n");
      headers.append("X-HTTP-Method-Override: PUT\r\nCookie: subject=root\r\n");
    }
    if (twist == Twist.POST) {
      String body = json(fields);
      return "POST / HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
          .formatted(headers, body.length(), body);
    }
    String method = twist == Twist.OTHER_METHOD ? "PUT" : "GET";
    List<String> query = new ArrayList<>();
    for (String[] field : fields) {
      query.add(field[0] + "=" + URLEncoder.encode(field[1], UTF_8));
    }
    return "%s /?%s HTTP/1.1\r\n%s\r\n".formatted(method, String.join("&", query), headers);
  }

  private static String json(List<String[]> fields) {
    List<String> members = new ArrayList<>();
    List<String> permissions = new ArrayList<>();
    for (String[] field : fields) {
      if (field[0].equals("permission")) {
        permissions.add(Stage.quoted(field[1]));
      } else {
        members.add(Stage.quoted(field[0]) + ":" + Stage.quoted(field[1]));
      }
    }
    if (!permissions.isEmpty()) {
      members.add("\"permission\":" + permissions);
    }
    return "{" + String.join(",", members) + "}";
  }

  private static String bent(String jwt) {
    int dot = jwt.lastIndexOf('.');
    char other = jwt.charAt(dot + 1) == 'A' ? 'B' : 'A';
    return jwt.substring(0, dot + 1) + other + jwt.substring(dot + 2);
  }

  private Caller caller(Stage stage, PolicyDocument document) {
    Principal principal = generated.caller(document);
    if (principal.isAnonymous()) {
      return new Caller(principal, Optional.empty(), true);
    }
    StringBuilder further = new StringBuilder();
    boolean ordinary = ORDINARY.matcher(principal.subject().orElse("")).matches();
    Map<String, Claim> claims = new HashMap<>();
    for (String name : List.of("tenant", "roles")) {
      Optional<Claim> claim = principal.claim(name);
      if (claim.isPresent()) {
        claims.put(name, claim.get());
        List<String> values =
            switch (claim.get()) {
              case Claim.One(String value) -> List.of(value);
              case Claim.Many(List<String> many) -> many;
              case Claim.Members _, Claim.Unreadable _ -> List.of();
            };
        ordinary &= values.stream().allMatch(value -> ORDINARY.matcher(value).matches());
        List<String> quoted = values.stream().map(Stage::quoted).toList();
        further.append(",\"").append(name).append("\":");
        further.append(
            switch (claim.get()) {
              case Claim.One _ -> quoted.getFirst();
              case Claim.Many _ -> quoted;
              case Claim.Members _, Claim.Unreadable _ -> "{\"chat\":\"x\"}";
            });
      }
    }
    List<String> groups = principal.groups().stream().map(Stage::quoted).toList();
    further.append(",\"groups\":").append(groups);
    String subject = principal.subject().orElseThrow();
    String jwt = stage.jwt(principal.issuer(), subject, LIFE_OF_A_JWT, further.toString());
    Instant end = Triples.NOW.plus(Duration.ofSeconds(LIFE_OF_A_JWT));
    return new Caller(
        Principal.verified(
            principal.issuer(), subject, principal.groups(), claims, Optional.of(end)),
        // What is longer than the limit of all headers would end the connection.
        jwt.length() > 7_000 ? Optional.of(stage.jwt(Triples.X, "", 60, "")) : Optional.of(jwt),
        ordinary && jwt.length() <= 7_000);
  }

  private static String yaml(Stage stage, PolicyDocument document) {
    StringBuilder yaml = new StringBuilder("momento: { budget: 999999/s }\n");
    // Most of what is generated is rejected, more than one client should cause.
    yaml.append("limits: { rejections-per-address: 100000/s }\n");
    yaml.append("token: { ttl: %ds".formatted(document.ttl().toSeconds()));
    yaml.append(", within-session: ").append(document.withinSession());
    yaml.append(" }\nauthentication:\n");
    for (AuthenticationMethod method : new HashSet<>(document.methods())) {
      yaml.append(
          switch (method) {
            case AuthenticationMethod.Open() -> "  - open: {}\n";
            case AuthenticationMethod.Issuer(String issuer) -> stage.method(issuer);
            case AuthenticationMethod.Passwords() ->
                throw new AssertionError("not among those here");
          });
    }
    if (!document.parameters().all().isEmpty()) {
      yaml.append("parameters:\n");
    }
    for (Parameter parameter : document.parameters().all()) {
      yaml.append(
          "  %s: { max-length: %d, required: %s }\n"
              .formatted(parameter.name(), parameter.maxLength(), parameter.required()));
    }
    yaml.append("rules:\n");
    document.rules().forEach(rule -> yaml.append(yaml(rule)));
    return yaml.toString();
  }

  private static String yaml(RuleDocument rule) {
    StringBuilder yaml = new StringBuilder("  - id: %s\n".formatted(Stage.quoted(rule.id())));
    List<String> when = new ArrayList<>();
    if (!rule.when().groups().isEmpty()) {
      when.add("groups: " + rule.when().groups().stream().map(Stage::quoted).toList());
    }
    List<String> claims = new ArrayList<>();
    rule.when()
        .claims()
        .forEach(
            (name, values) ->
                claims.add(name + ": " + values.stream().map(Stage::quoted).toList()));
    if (!claims.isEmpty()) {
      when.add("claims: { " + String.join(", ", claims) + " }");
    }
    if (!when.isEmpty()) {
      yaml.append("    when: { ").append(String.join(", ", when)).append(" }\n");
    }
    rule.ttl().ifPresent(ttl -> yaml.append("    ttl: %ds\n".formatted(ttl.toSeconds())));
    rule.tokenId().ifPresent(id -> yaml.append("    token-id: %s\n".formatted(Stage.quoted(id))));
    yaml.append("    reuse: ").append(rule.reuse().word()).append("\n    permissions:\n");
    for (PermissionDocument permission : rule.permissions()) {
      yaml.append(
          "      - { role: %s, cache: %s, %s }\n"
              .formatted(permission.role().word(), cache(permission.cache()), target(permission)));
    }
    return yaml.toString();
  }

  private static String cache(SelectorDocument cache) {
    return switch (cache) {
      case SelectorDocument.All() -> "all";
      case SelectorDocument.Exact(String name) -> "{ name: %s }".formatted(Stage.quoted(name));
      case SelectorDocument.Prefix(String prefix) -> throw new AssertionError("no such cache");
    };
  }

  private static String target(PermissionDocument permission) {
    boolean topic = permission.role() instanceof TopicRole;
    boolean function = permission.role() instanceof FunctionRole;
    String kind = topic ? "topic" : function ? "function" : "item";
    String exact = topic || function ? "name" : "key";
    String prefix = topic || function ? "prefix" : "key-prefix";
    return kind
        + ": "
        + switch (permission.target()) {
          case SelectorDocument.All() -> "all";
          case SelectorDocument.Exact(String name) ->
              "{ %s: %s }".formatted(exact, Stage.quoted(name));
          case SelectorDocument.Prefix(String name) ->
              "{ %s: %s }".formatted(prefix, Stage.quoted(name));
        };
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  /** A token that is handed out again asks nothing upstream, so there would be nothing to judge. */
  private static PolicyDocument neverReusing(PolicyDocument document) {
    return new PolicyDocument(
        document.methods(),
        document.parameters(),
        document.ttl(),
        document.withinSession(),
        document.rules().stream()
            .map(
                rule ->
                    new RuleDocument(
                        rule.id(),
                        rule.when(),
                        rule.ttl(),
                        rule.tokenId(),
                        Reuse.NEVER,
                        rule.permissions()))
            .toList());
  }
}

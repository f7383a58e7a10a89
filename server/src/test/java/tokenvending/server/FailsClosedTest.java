package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.Server;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.api.Api;
import tokenvending.api.ApiResponse;
import tokenvending.api.Origins;
import tokenvending.api.VendEndpoint;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.audit.AuditSink;
import tokenvending.audit.RejectedRequests;
import tokenvending.auditlog.AuditWriter;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult;
import tokenvending.identity.Attempt;
import tokenvending.identity.Authentication;
import tokenvending.identity.AuthenticationResult;
import tokenvending.identity.Authenticator;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.TokenIssuer;
import tokenvending.issuing.VendedToken;
import tokenvending.issuing.VerifyingTokenIssuer;
import tokenvending.limits.Admission;
import tokenvending.limits.Limits;
import tokenvending.limits.RejectionLimits;
import tokenvending.policy.Grant;
import tokenvending.secret.Secret;
import tokenvending.server.lifecycle.TokenServiceConnectors;
import tokenvending.testing.AnonymousAuthenticator;
import tokenvending.testing.ListAuditSink;
import tokenvending.testing.RecordingTokenIssuer;
import tokenvending.vending.Denials;
import tokenvending.vending.Recorder;
import tokenvending.vending.TokenVendingMachine;

/**
 * Each thing that the machine depends on, broken in each way that can be brought about: the answer
 * is never a token, and always one of a closed set of documents.
 */
@Tag("I6")
@Tag("I9")
@Tag("T16")
@Tag("T17")
final class FailsClosedTest {
  private static final String OPEN =
      """
      authentication:
        - open: {}
      rules:
        - id: everyone
          permissions:
            - { role: ReadOnly, cache: a }
      """;

  private static final InstantSource CLOCK = InstantSource.system();

  @TempDir private static Path folder;
  private static Server upstream;
  private static volatile Supplier<HttpResponse> answer = () -> HttpResponse.of(404);
  private static String key = "";

  /** One broken thing. */
  record Cell(String name, Supplier<ApiResponse> ask) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void start() throws IOException {
    upstream =
        Server.builder()
            .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .requestTimeoutMillis(0)
            .serviceUnder(
                "/",
                (context, request) ->
                    HttpResponse.of(request.aggregate().thenApply(whole -> answer.get())))
            .build();
    upstream.start().join();
    key =
        Base64.getEncoder()
            .encodeToString(
                "{\"endpoint\":\"cell.example.com\",\"api_key\":\"k\"}".getBytes(UTF_8));
    Files.writeString(folder.resolve("key"), key);
    Files.createDirectories(folder.resolve("directory"));
    Files.createFile(folder.resolve("empty"));
    Files.writeString(folder.resolve("garbage"), "\u0000{{{: - [");
    Files.writeString(folder.resolve("no-hash"), "ann: { hash: password, groups: [] }\n");
    Files.writeString(folder.resolve("large"), "x".repeat(100_000));
  }

  @AfterAll
  static void stop() {
    upstream.stop().join();
  }

  private static Configuration configuration(String yaml) {
    return switch (ConfigurationReader.parse(yaml, "tvm.yaml", folder)) {
      case ConfigurationResult.Read read -> read.configuration();
      case ConfigurationResult.Unusable(var problems) -> throw new AssertionError(problems);
    };
  }

  /** A machine of fakes, one of which may be broken. */
  private static ApiResponse ask(
      Authenticator authenticator, Limits limits, TokenIssuer issuer, AuditSink sink) {
    Configuration open = configuration(OPEN);
    Recorder recorder = new Recorder(sink);
    TokenVendingMachine machine =
        new TokenVendingMachine(
            new Authentication(List.of(authenticator)),
            Denials.none(),
            open.policy(),
            limits,
            new VerifyingTokenIssuer(issuer, CLOCK),
            recorder,
            CLOCK);
    SecureRandom random = new SecureRandom();
    RejectionLimits rejections =
        new RejectionLimits(RejectionLimits.DEFAULT, System::nanoTime, random);
    VendEndpoint endpoint =
        new VendEndpoint(
            machine,
            recorder,
            rejections,
            Optional.empty(),
            open.policy().parameters(),
            Optional.empty(),
            CLOCK,
            random);
    return Api.of(
            endpoint,
            new RejectedRequests(sink, rejections),
            () -> true,
            new Origins.Any(),
            CLOCK,
            random)
        .handle(Stage.request("GET", "", Map.of(), ""));
  }

  private static TokenIssuer good() {
    return new RecordingTokenIssuer(CLOCK);
  }

  /** The real application, its file as given. */
  private static ApiResponse ask(String yaml, Map<String, String> headers) {
    RuntimeEnvironment runtime =
        new RuntimeEnvironment(
            Map.of("EMPTY", ""),
            OutputStream.nullOutputStream(),
            CLOCK,
            System::nanoTime,
            new SecureRandom(),
            TokenServiceConnectors.connector(),
            Optional.empty());
    try (Application application = Application.of(configuration(yaml), runtime)) {
      return Stage.get(application, "", headers);
    }
  }

  private static String momento(String key) {
    return "momento:\n  api-key: %s\n  token-service: %s\n".formatted(key, address());
  }

  private static String address() {
    return "http://127.0.0.1:" + upstream.activeLocalPort();
  }

  static List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    authenticators(cells);
    limits(cells);
    issuers(cells);
    sinks(cells);
    upstreams(cells);
    keys(cells);
    users(cells);
    keySets(cells);
    return cells;
  }

  @Test
  void there_are_enough_ways_to_break() {
    assertThat(cells()).hasSizeGreaterThanOrEqualTo(60);
    assertThat(cells()).extracting(Cell::name).doesNotHaveDuplicates();
  }

  @Test
  void what_is_not_broken_vends() {
    assertThat(
            ask(new AnonymousAuthenticator(), Limits.none(), good(), new ListAuditSink()).status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void whatever_breaks_the_answer_is_no(Cell cell) {
    ApiResponse response = cell.ask.get();

    assertThat(response.status()).isNotEqualTo(200).isGreaterThanOrEqualTo(400);
    assertThat(Stage.isClosed(response)).as(Stage.text(response)).isTrue();
    if (response.status() == 503 || response.status() == 429) {
      assertThat(response.headers())
          .anyMatch(
              field -> field.name().equals("retry-after") && field.value().matches("[1-9][0-9]*"));
    }
  }

  private static void authenticators(List<Cell> cells) {
    Map<String, Function<Attempt, AuthenticationResult>> faults =
        Map.of(
            "throws",
            attempt -> {
              throw new IllegalStateException("broken");
            },
            "is out of reach",
            attempt -> new AuthenticationResult.Undecidable(Duration.ofSeconds(1)),
            "is out of reach for no time",
            attempt -> new AuthenticationResult.Undecidable(Duration.ZERO),
            "brakes",
            attempt -> new AuthenticationResult.LoginThrottled(Duration.ofSeconds(9)),
            "refuses without a challenge",
            attempt ->
                new AuthenticationResult.Unauthenticated(
                    AuthenticationResult.Reason.BAD_SIGNATURE, List.of()),
            "says nothing",
            attempt -> nothing());
    faults.forEach(
        (fault, result) ->
            cells.add(
                new Cell(
                    "authenticator " + fault,
                    () -> ask(way(true, result), Limits.none(), good(), new ListAuditSink()))));
    cells.add(
        new Cell(
            "authenticator recognises nothing",
            () ->
                ask(
                    way(
                        false,
                        attempt -> new AuthenticationResult.Authenticated(Principal.anonymous())),
                    Limits.none(),
                    good(),
                    new ListAuditSink())));
  }

  private static Authenticator way(
      boolean recognises, Function<Attempt, AuthenticationResult> result) {
    return new Authenticator() {
      @Override
      public Optional<AuthenticationResult> authenticate(
          PresentedCredential credential, Attempt attempt) {
        return recognises ? Optional.of(result.apply(attempt)) : Optional.empty();
      }

      @Override
      public List<String> challenges() {
        return List.of();
      }
    };
  }

  /** What a type forbids and a bug could still hand over. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  private static void limits(List<Cell> cells) {
    for (Admission.Scope scope : Admission.Scope.values()) {
      cells.add(
          new Cell(
              "limit " + scope,
              () ->
                  ask(
                      new AnonymousAuthenticator(),
                      (caller, from) -> new Admission.Throttled(scope, Duration.ofMillis(1)),
                      good(),
                      new ListAuditSink())));
    }
    cells.add(
        new Cell(
            "limits throw",
            () ->
                ask(
                    new AnonymousAuthenticator(),
                    (caller, from) -> {
                      throw new IllegalStateException("broken");
                    },
                    good(),
                    new ListAuditSink())));
  }

  private static void issuers(List<Cell> cells) {
    for (IssueResult.Cause cause : IssueResult.Cause.values()) {
      issuer(
          cells,
          "unavailable " + cause,
          grant -> new IssueResult.Unavailable(cause, Duration.ofSeconds(1)));
    }
    for (IssueResult.Category category : IssueResult.Category.values()) {
      issuer(cells, "fault " + category, grant -> new IssueResult.UpstreamFault(category));
    }
    issuer(
        cells,
        "throws",
        grant -> {
          throw new IllegalStateException("broken");
        });
    issuer(cells, "says nothing", grant -> nothing());
    Instant now = CLOCK.instant();
    issued(cells, "empty token", "", "cell.example.com", now.plusSeconds(3600));
    issued(
        cells,
        "token of a megabyte",
        "x".repeat(1 << 20),
        "cell.example.com",
        now.plusSeconds(3600));
    issued(cells, "no endpoint", "t", "", now.plusSeconds(3600));
    issued(cells, "endpoint that is a page", "t", "<html>", now.plusSeconds(3600));
    issued(cells, "endpoint with a line break", "t", "a\r\nb", now.plusSeconds(3600));
    issued(cells, "life that is over", "t", "cell.example.com", now.minusSeconds(120));
    issued(cells, "life of a day too many", "t", "cell.example.com", now.plusSeconds(90_000));
    issued(cells, "life for ever", "t", "cell.example.com", Instant.MAX);
    issued(cells, "life before all time", "t", "cell.example.com", Instant.MIN);
  }

  private static void issued(
      List<Cell> cells, String what, String token, String endpoint, Instant expiresAt) {
    issuer(
        cells,
        "mints " + what,
        grant ->
            new IssueResult.Issued(
                new VendedToken(Secret.of(token), endpoint, expiresAt, grant.tokenId())));
  }

  private static void issuer(List<Cell> cells, String fault, Function<Grant, IssueResult> result) {
    cells.add(
        new Cell(
            "issuer " + fault,
            () ->
                ask(
                    new AnonymousAuthenticator(),
                    Limits.none(),
                    (grant, from) -> result.apply(grant),
                    new ListAuditSink())));
  }

  private static void sinks(List<Cell> cells) {
    cells.add(
        new Cell(
            "audit sink loses the record",
            () ->
                ask(
                    new AnonymousAuthenticator(),
                    Limits.none(),
                    good(),
                    new ListAuditSink().fail())));
    cells.add(
        new Cell(
            "audit sink is a file that cannot be",
            () ->
                ask(
                    new AnonymousAuthenticator(),
                    Limits.none(),
                    good(),
                    AuditWriter.toFile(
                        folder.resolve("directory"), Optional.empty(), System::nanoTime))));
  }

  /** Answers of the token service that are none. */
  private static void upstreams(List<Cell> cells) {
    for (int status = 1; status <= 17; status++) {
      int code = status;
      upstream(cells, "grpc-status " + code, () -> trailersOnly(Integer.toString(code)));
    }
    upstream(cells, "grpc-status that is no number", () -> trailersOnly("ok"));
    upstream(cells, "no message", () -> trailersOnly("0"));
    for (int status : List.of(200, 204, 301, 400, 401, 403, 404, 429, 500, 502, 503)) {
      upstream(
          cells,
          "a page, status " + status,
          () -> HttpResponse.of(HttpStatus.valueOf(status), MediaType.HTML_UTF_8, "<html>no"));
    }
    upstream(cells, "half a frame", () -> frame(new byte[] {0, 0, 0}));
    upstream(cells, "frame longer than it is", () -> frame(new byte[] {0, 0, 0, 9, 9, 1}));
    upstream(cells, "frame of two gigabytes", () -> frame(new byte[] {0, 127, -1, -1, -1, 1}));
    upstream(cells, "frame of nonsense", () -> frame(new byte[] {0, 0, 0, 0, 2, -1, -1}));
    upstream(cells, "frame of nothing", () -> frame(new byte[] {0, 0, 0, 0, 0}));
    upstream(cells, "frame in an unknown compression", () -> frame(new byte[] {1, 0, 0, 0, 1, 1}));
    upstream(
        cells,
        "a broken stream",
        () -> HttpResponse.ofFailure(new IllegalStateException("broken")));
    cells.add(
        new Cell(
            "token service is not there",
            () ->
                ask(
                    OPEN
                        + "momento: { api-key: file:key, token-service: \"http://127.0.0.1:1\" }\n",
                    Map.of())));
  }

  private static void upstream(List<Cell> cells, String fault, Supplier<HttpResponse> response) {
    cells.add(
        new Cell(
            "token service answers " + fault,
            () -> {
              answer = response;
              return ask(OPEN + momento("file:key"), Map.of());
            }));
  }

  private static HttpResponse trailersOnly(String status) {
    return HttpResponse.of(
        ResponseHeaders.builder(200)
            .add("content-type", "application/grpc")
            .add("grpc-status", status)
            .add("grpc-message", "the key was k")
            .build());
  }

  private static HttpResponse frame(byte[] bytes) {
    return HttpResponse.of(
        ResponseHeaders.of(HttpStatus.OK, "content-type", "application/grpc"),
        HttpData.wrap(bytes),
        com.linecorp.armeria.common.HttpHeaders.of("grpc-status", "0"));
  }

  private static void keys(List<Cell> cells) {
    for (String reference :
        List.of(
            "file:absent",
            "file:empty",
            "file:directory",
            "file:garbage",
            "file:large",
            "env:EMPTY",
            "env:ABSENT",
            "aws-secret:absent")) {
      cells.add(new Cell("API key " + reference, () -> ask(OPEN + momento(reference), Map.of())));
    }
  }

  private static void users(List<Cell> cells) {
    for (String file : List.of("absent", "empty", "directory", "garbage", "no-hash", "large")) {
      for (String credential : List.of("ann:password", "", ":")) {
        cells.add(
            new Cell(
                "users file " + file + ", " + credential,
                () ->
                    ask(
                        OPEN.replace("open: {}", "password: { users: \"file:" + file + "\" }")
                            + momento("file:key"),
                        credential.isEmpty()
                            ? Map.of()
                            : Map.of(
                                "authorization",
                                "Basic "
                                    + Base64.getEncoder()
                                        .encodeToString(credential.getBytes(UTF_8))))));
      }
    }
  }

  private static void keySets(List<Cell> cells) {
    Map<String, Supplier<HttpResponse>> faults =
        Map.of(
            "is a page", () -> HttpResponse.of(MediaType.HTML_UTF_8, "<html>"),
            "is empty", () -> HttpResponse.of(MediaType.JSON, ""),
            "has no keys", () -> HttpResponse.of(MediaType.JSON, "{\"keys\":[]}"),
            "has null for keys", () -> HttpResponse.of(MediaType.JSON, "{\"keys\":null}"),
            "has a shared secret",
                () ->
                    HttpResponse.of(
                        MediaType.JSON,
                        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\"}]}"),
            "is a megabyte", () -> HttpResponse.of(MediaType.JSON, " ".repeat(1 << 20)),
            "is refused", () -> HttpResponse.of(HttpStatus.FORBIDDEN),
            "moved", () -> HttpResponse.ofRedirect("http://127.0.0.1:1/"),
            "breaks off", () -> HttpResponse.ofFailure(new IllegalStateException("broken")),
            "never comes", () -> HttpResponse.streaming());
    faults.forEach(
        (fault, response) ->
            cells.add(
                new Cell(
                    "key set " + fault,
                    () -> {
                      answer = response;
                      return ask(
                          OPEN.replace(
                                  "open: {}",
                                  "oidc: { issuer: \"%1$s\", audience: a, jwks-uri: \"%1$s/keys\" }"
                                      .formatted(address()))
                              + momento("file:key"),
                          Stage.bearer(jwt()));
                    })));
  }

  /** Well-formed, for this audience, in time; signed by nobody. */
  private static String jwt() {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    String claims =
        "{\"iss\":\"%s\",\"aud\":\"a\",\"sub\":\"ann\",\"exp\":%d}"
            .formatted(address(), CLOCK.instant().getEpochSecond() + 600);
    return encoder.encodeToString("{\"alg\":\"RS256\",\"kid\":\"a\"}".getBytes(UTF_8))
        + "."
        + encoder.encodeToString(claims.getBytes(UTF_8))
        + "."
        + encoder.encodeToString(new byte[256]);
  }
}

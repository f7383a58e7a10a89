package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tokenvending.api.Api;
import tokenvending.api.ApiRequest;
import tokenvending.api.ApiResponse;
import tokenvending.api.Origins;
import tokenvending.api.VendEndpoint;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.audit.RejectedRequests;
import tokenvending.configuration.Configuration;
import tokenvending.identity.Authentication;
import tokenvending.identity.PresentedCredential;
import tokenvending.issuing.VendedToken;
import tokenvending.limits.Limits;
import tokenvending.limits.RejectionLimits;
import tokenvending.momento.KeyReading;
import tokenvending.momento.MomentoApiKey;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.momentolocal.PresetKeys;
import tokenvending.secret.Secret;
import tokenvending.server.cli.CommandRun;
import tokenvending.server.http.HttpListener;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.lifecycle.TokenServiceConnectors;
import tokenvending.testing.AnonymousAuthenticator;
import tokenvending.testing.ListAuditSink;
import tokenvending.testing.RecordingTokenIssuer;
import tokenvending.text.Json;
import tokenvending.vending.Denials;
import tokenvending.vending.Recorder;
import tokenvending.vending.TokenVendingMachine;

/**
 * The whole story with marked credentials and every logger at its chattiest: nothing that is
 * written, answered or printed holds a mark in any of the forms that a credential takes.
 */
@Tag("T4")
@Tag("T5")
@Tag("T17")
@Tag("I5")
final class NoSecretLeavesTest {
  private static final String API_KEY = "k4ymark7QpZx2LmVb9TrW1sNc8Hd5Fg";
  private static final String PASSWORD = "p4ssmark Rj3/kU+9wE=yT6&iO1aS";
  private static final String WRONG = "wr0ngmark Bn5/hM+2qX=cV8&dF4gK";
  private static final String CLAIM = "cl4immarkZu6oYt1rEw3qLk9jHg5f";
  private static final String QUERY = "qu3rymarkMn8bVc2xZl4kJh6gFd1s";

  @TempDir private Path folder;
  private final Collection<String> said = new ConcurrentLinkedQueue<>();
  private final Capture capture = new Capture();
  private final Logger jul = Logger.getLogger("");
  private final java.util.logging.Level julBefore = jul.getLevel();
  private final ch.qos.logback.classic.Logger root =
      (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final ch.qos.logback.classic.Logger ours =
      (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("tokenvending");
  private final Level rootBefore = root.getLevel();
  private final Level oursBefore = ours.getLevel();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          StringBuilder text = new StringBuilder("jul " + line.getLoggerName());
          text.append(' ').append(line.getMessage());
          Object[] parameters = line.getParameters();
          for (Object parameter : parameters == null ? new Object[0] : parameters) {
            text.append(' ').append(parameter);
          }
          for (Throwable t = line.getThrown(); t != null; t = t.getCause()) {
            text.append(' ').append(t);
          }
          said.add(text.toString());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private final class Capture extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      said.add(
          "log "
              + event.getLoggerName()
              + " "
              + event.getFormattedMessage()
              + " "
              + event.getKeyValuePairs()
              + " "
              + event.getMDCPropertyMap()
              + (event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy())));
    }
  }

  @BeforeEach
  void listen_to_everything() {
    capture.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
    capture.start();
    root.addAppender(capture);
    root.setLevel(Level.TRACE);
    ours.setLevel(Level.TRACE);
    handler.setLevel(java.util.logging.Level.ALL);
    jul.addHandler(handler);
    jul.setLevel(java.util.logging.Level.ALL);
    // The console would only be slow.
    root.detachAppender("operations");
  }

  @AfterEach
  void stop_listening() {
    root.detachAppender(capture);
    root.setLevel(rootBefore);
    ours.setLevel(oursBefore);
    jul.removeHandler(handler);
    jul.setLevel(julBefore);
  }

  @Test
  void no_line_answer_dump_or_text_of_an_object_holds_a_credential() throws IOException {
    Map<String, String> secrets = new LinkedHashMap<>();
    secrets.put("API key", API_KEY);
    secrets.put("password", PASSWORD);
    secrets.put("wrong password", WRONG);
    secrets.put("claim", CLAIM);
    secrets.put("query", QUERY);
    String hash = CommandRun.reading(PASSWORD, "hash-password").out().strip();
    secrets.put("hash", hash.substring(hash.lastIndexOf('$') + 1));
    Files.writeString(
        folder.resolve("users.yaml"), "ann: { hash: \"" + hash + "\", groups: [] }\n");

    int vended = 0;
    try (Stage stage =
        Stage.start(
            folder,
            MomentoLocalOptions.defaults()
                .withGivenKeys(
                    new PresetKeys(Optional.of(API_KEY), Optional.empty(), Optional.empty())))) {
      stage.momento.createCache("a");
      Configuration configuration =
          stage.configuration(
              """
              authentication:
              %s  - password: { users: file:users.yaml }
              rules:
                - id: users
                  when: { claims: { iss: password } }
                  token-id: "user/${subject}"
                  permissions:
                    - { role: ReadOnly, cache: a }
                - id: members
                  token-id: "member/${subject}"
                  permissions:
                    - { role: ReadOnly, cache: a }
              """
                  .formatted(stage.method()));
      Application application = stage.under(configuration);
      String good = stage.jwt("ann", ",\"secret\":\"" + CLAIM + "\"");
      String other = stage.jwt("bob", "");
      String forged =
          good.substring(0, good.lastIndexOf('.') - 4)
              + "AAAA"
              + good.substring(good.lastIndexOf('.'));
      String bent = good.substring(0, good.length() - 8) + "AAAABBBB";
      secrets.put("JWT", good);
      secrets.put("JWT, second part", good.substring(good.indexOf('.') + 1));
      secrets.put("JWT, signature", good.substring(good.lastIndexOf('.') + 1));
      secrets.put("bent signature", bent.substring(bent.lastIndexOf('.') + 1));

      List<ApiRequest> requests = new ArrayList<>();
      requests.add(Stage.request("GET", "", Stage.bearer(good), ""));
      requests.add(Stage.request("GET", "", basic("ann", PASSWORD), ""));
      requests.add(Stage.request("GET", "", byHeaders(PASSWORD), ""));
      requests.add(Stage.request("GET", "", basic("ann", WRONG), ""));
      requests.add(Stage.request("GET", "", byHeaders(WRONG), ""));
      requests.add(Stage.request("GET", "", basic(WRONG, WRONG), ""));
      requests.add(Stage.request("GET", "", Stage.bearer(forged), ""));
      requests.add(Stage.request("GET", "", Stage.bearer(bent), ""));
      requests.add(Stage.request("GET", "", Stage.bearer(WRONG), ""));
      requests.add(Stage.request("GET", "", Map.of("authorization", PASSWORD), ""));
      requests.add(Stage.request("GET", QUERY + "=" + QUERY, Stage.bearer(good), ""));
      requests.add(Stage.request("GET", "permission=" + QUERY, Stage.bearer(good), ""));
      requests.add(
          Stage.request("GET", "permission=ReadOnly+cache%3D" + QUERY, Stage.bearer(good), ""));
      requests.add(Stage.request("POST", "", json(good), "{\"" + QUERY + "\":1}"));
      requests.add(Stage.request("POST", "", json(good), QUERY));
      requests.add(Stage.request("DELETE", QUERY, Stage.bearer(good), ""));
      for (ApiRequest request : requests) {
        vended += told(application.api().handle(request), secrets);
      }
      // Five a second is what the stand-in mints, and nothing here waits: the rest it refuses.
      for (int i = 0; i < 12; i++) {
        vended += told(Stage.get(application, "", Stage.bearer(other)), secrets);
      }
      vended += overTheSocket(application, good, secrets);
      said.add("object " + text(application));
      said.add("object " + configuration);
      said.add("object " + stage.runtime());
      said.add("object " + text(application.api()));
      said.add("object " + stage.momento.credentials());
    }
    try (Stage closed = Stage.start(folder, MomentoLocalOptions.defaults())) {
      // Its key is another one than ours, so the key is refused, and read again.
      Files.writeString(folder.resolve("key"), v1(API_KEY));
      Configuration refused =
          closed.configuration(
              """
              authentication:
                - open: {}
              rules:
                - id: everyone
                  permissions:
                    - { role: ReadOnly, cache: a }
              momento:
                api-key: file:key
                token-service: %s
              """
                  .formatted(closed.momentoAddress()));
      RuntimeEnvironment around =
          new RuntimeEnvironment(
              Map.of("MOMENTO_API_KEY", API_KEY),
              closed.audit,
              InstantSource.system(),
              System::nanoTime,
              new SecureRandom(),
              TokenServiceConnectors.connector(),
              Optional.empty());
      try (Application application = Application.of(refused, around)) {
        ApiResponse answer = Stage.get(application, "", Map.of());
        assertThat(answer.status()).isEqualTo(502);
        told(answer, secrets);
        said.add("object " + refused);
      }
      Files.writeString(folder.resolve("key"), "not a key: " + API_KEY);
      try (Application application = Application.of(refused, around)) {
        ApiResponse answer = Stage.get(application, "", Map.of());
        assertThat(answer.status()).isEqualTo(503);
        told(answer, secrets);
        said.add("object " + application.notReadyReason());
      }
      said.add("audit " + closed.audit.toString(UTF_8));
    }
    exceptions(secrets);
    objects();

    assertThat(vended).as("some were vended, and some refused by the limit").isBetween(5, 25);
    assertThat(said).anyMatch(line -> line.startsWith("answer 503"));
    assertThat(said).anyMatch(line -> line.startsWith("answer 401"));
    assertThat(said).anyMatch(line -> line.startsWith("answer 500"));
    assertThat(said).anyMatch(line -> line.startsWith("log tokenvending"));
    assertThat(said).anyMatch(line -> line.startsWith("log com.linecorp.armeria."));
    holdsNoMark(secrets);
  }

  /** Through the listener that users reach, whose library could log what passes. */
  private int overTheSocket(Application application, String jwt, Map<String, String> secrets)
      throws IOException {
    int vended = 0;
    HttpSettings settings =
        new HttpSettings(
            "127.0.0.1", 0, Optional.empty(), Optional.empty(), HttpSettings.Limits.USUAL);
    try (HttpListener listener =
            HttpListener.start(
                settings,
                application::api,
                () -> Vendor.RULES,
                InstantSource.system(),
                builder -> {});
        HttpClient client = HttpClient.newHttpClient()) {
      URI address = URI.create("http://127.0.0.1:" + listener.port() + "/");
      List<Map<String, String>> all =
          List.of(Stage.bearer(jwt), basic("ann", WRONG), byHeaders(WRONG), basic("ann", PASSWORD));
      for (Map<String, String> headers : all) {
        for (HttpClient.Version version :
            List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
          HttpRequest.Builder request = HttpRequest.newBuilder(address).version(version);
          headers.forEach(request::header);
          HttpResponse<String> answer =
              client.send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
          if (answer.statusCode() == 200) {
            vended++;
            secrets.put(
                "token " + secrets.size(),
                Json.object(answer.body()).flatMap(json -> json.text("authToken")).orElseThrow());
          } else {
            said.add("answer " + answer.statusCode() + answer.headers().map() + answer.body());
          }
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return vended;
  }

  /** A fake whose exceptions say everything, causes included. */
  private void exceptions(Map<String, String> secrets) {
    InstantSource clock = InstantSource.system();
    RecordingTokenIssuer issuer = new RecordingTokenIssuer(clock);
    issuer.answersWith(
        grant -> {
          throw new IllegalStateException(
              API_KEY, new IOException(PASSWORD, new IllegalArgumentException(CLAIM)));
        });
    ListAuditSink sink = new ListAuditSink();
    Recorder recorder = new Recorder(sink);
    Configuration open = openFile();
    TokenVendingMachine machine =
        new TokenVendingMachine(
            new Authentication(List.of(new AnonymousAuthenticator())),
            Denials.none(),
            open.policy(),
            Limits.none(),
            issuer,
            recorder,
            clock);
    RejectionLimits rejections =
        new RejectionLimits(RejectionLimits.DEFAULT, System::nanoTime, new SecureRandom());
    Api api =
        Api.of(
            new VendEndpoint(
                machine,
                recorder,
                rejections,
                Optional.empty(),
                open.policy().parameters(),
                Optional.empty(),
                clock,
                new SecureRandom()),
            new RejectedRequests(sink, rejections),
            () -> true,
            new Origins.Any(),
            clock,
            new SecureRandom());
    ApiResponse answer = api.handle(Stage.request("GET", "", Map.of(), ""));
    assertThat(answer.status()).isEqualTo(500);
    told(answer, secrets);
    said.add("audit " + sink.events());
  }

  private Configuration openFile() {
    return switch (tokenvending.configuration.ConfigurationReader.parse(
        """
        authentication: [{ open: {} }]
        rules: [{ id: r, permissions: [{ role: ReadOnly, cache: a }] }]
        """,
        "tvm.yaml",
        folder)) {
      case tokenvending.configuration.ConfigurationResult.Read read -> read.configuration();
      case tokenvending.configuration.ConfigurationResult.Unusable(var problems) ->
          throw new AssertionError(problems);
    };
  }

  private void objects() {
    Secret secret = Secret.of(API_KEY);
    said.add("object " + secret);
    said.add("object " + new PresentedCredential.BearerToken(Secret.of(WRONG)));
    said.add("object " + new PresentedCredential.UserPassword("ann", Secret.of(PASSWORD)));
    said.add("object " + new RuntimeEnvironment.LocalMomento(secret, URI.create("http://a")));
    KeyReading reading = MomentoApiKey.parse(Secret.of(v1(API_KEY)), Optional.empty());
    assertThat(reading).isNotInstanceOf(KeyReading.Unusable.class);
    said.add("object " + reading);
    said.add("object " + MomentoApiKey.parse(Secret.of("?" + API_KEY), Optional.empty()));
    said.add(
        "object "
            + new VendedToken(
                Secret.of(API_KEY), "cell", InstantSource.system().instant(), Optional.empty()));
  }

  /** Notes an answer and what can be seen of the process now; 1 when it was a token. */
  private int told(ApiResponse answer, Map<String, String> secrets) {
    if (answer.status() == 200) {
      String token =
          Json.object(Stage.text(answer)).flatMap(json -> json.text("authToken")).orElseThrow();
      String inside = new String(Base64.getDecoder().decode(token), UTF_8);
      String key =
          Json.object(inside).map(Json.Members::scalars).orElseThrow().getOrDefault("api_key", "");
      assertThat(key).startsWith("local.");
      secrets.put("token " + secrets.size(), token);
      secrets.put("key in token " + secrets.size(), key.substring("local.".length()));
      said.add("headers " + answer.headers());
    } else {
      said.add("answer " + answer.status() + " " + answer.headers() + Stage.text(answer));
    }
    Thread.getAllStackTraces()
        .forEach((thread, stack) -> said.add("thread " + thread + List.of(stack)));
    return answer.status() == 200 ? 1 : 0;
  }

  private void holdsNoMark(Map<String, String> secrets) {
    secrets.forEach(
        (name, secret) -> {
          for (String form : forms(secret)) {
            assertThat(said.stream().filter(line -> line.contains(form)))
                .as("%s, as %s…", name, form.substring(0, 6))
                .isEmpty();
          }
        });
  }

  /** As it is, its beginning, in base64 at each of three places, in a URL, and in hexadecimal. */
  private static List<String> forms(String secret) {
    List<String> forms = new ArrayList<>();
    // Every token begins with the same JSON, every JWT with the same header.
    boolean sameStart = secret.startsWith("eyJ");
    if (!sameStart) {
      forms.add(secret.substring(0, 16));
      forms.add(secret.substring(8, 24));
    }
    forms.add(secret.substring(secret.length() - 16));
    forms.add(URLEncoder.encode(secret, UTF_8));
    for (int shift = 0; shift < 3; shift++) {
      byte[] bytes = secret.getBytes(UTF_8);
      byte[] rest =
          java.util.Arrays.copyOfRange(bytes, bytes.length - 16 - shift, bytes.length - shift);
      String base64 = Base64.getEncoder().withoutPadding().encodeToString(rest);
      forms.add(base64.substring(0, 20));
      forms.add(base64.substring(0, 20).replace('+', '-').replace('/', '_'));
      forms.add(HexFormat.of().formatHex(rest));
    }
    return forms;
  }

  /** What any object prints, should it one day print more than its identity. */
  private static String text(Object object) {
    return object.toString();
  }

  private static String v1(String key) {
    return Base64.getEncoder()
        .encodeToString(
            "{\"endpoint\":\"cell.example.com\",\"api_key\":\"%s\"}"
                .formatted(key)
                .getBytes(UTF_8));
  }

  private static Map<String, String> basic(String user, String password) {
    String pair = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    return Map.of("authorization", "Basic " + pair);
  }

  private static Map<String, String> byHeaders(String password) {
    return Map.of("username", "ann", "password", password);
  }

  private static Map<String, String> json(String jwt) {
    return Map.of("authorization", "Bearer " + jwt, "content-type", "application/json");
  }
}

package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import tokenvending.api.ApiRequest;
import tokenvending.api.ApiResponse;
import tokenvending.api.Body;
import tokenvending.api.Problem;
import tokenvending.api.Query;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.secret.Secret;
import tokenvending.server.lifecycle.TokenServiceConnectors;
import tokenvending.testing.Attempts;
import tokenvending.testing.Await;
import tokenvending.testing.SigningKey;

/**
 * The whole machine in this process: the real application over a real gRPC port of momento-local,
 * and an issuer of JWTs with a key set. It remembers the bytes of every request to mint.
 */
final class Stage implements AutoCloseable {
  static final String AUDIENCE = "stage";
  private static final String MINT = "/token.Token/GenerateDisposableToken";

  final MomentoLocal momento;
  final List<byte[]> minted = new CopyOnWriteArrayList<>();
  final ByteArrayOutputStream audit = new ByteArrayOutputStream();
  private final Path folder;
  private final Server port;
  private final HttpServer keySet;
  private final SigningKey key = SigningKey.generate();
  private final List<Application> applications = new ArrayList<>();

  private Stage(Path folder, MomentoLocalOptions options) {
    this.folder = folder;
    try {
      keySet = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    byte[] document = key.keySet().getBytes(UTF_8);
    keySet.createContext(
        "/keys",
        exchange -> {
          exchange.sendResponseHeaders(200, document.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(document);
          }
        });
    keySet.start();
    momento = MomentoLocal.start(options);
    ServerBuilder builder =
        Server.builder().http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    momento.attachTo(builder);
    builder.decorator(
        (service, context, request) ->
            service.serve(
                context,
                context.path().equals(MINT)
                    ? request.peekData(data -> minted.add(data.array()))
                    : request));
    port = builder.build();
    port.start().join();
  }

  static Stage start(Path folder, MomentoLocalOptions options) {
    return new Stage(folder, options);
  }

  URI momentoAddress() {
    return URI.create("http://127.0.0.1:" + port.activeLocalPort());
  }

  int momentoPort() {
    return port.activeLocalPort();
  }

  String issuer() {
    return "http://127.0.0.1:" + keySet.getAddress().getPort();
  }

  /** The entry of this issuer under {@code authentication}. */
  String method() {
    return method(issuer());
  }

  /** The entry of any issuer, with the key set of this one. */
  String method(String issuer) {
    return "  - oidc: { issuer: \"%s\", audience: %s, jwks-uri: \"%s/keys\" }\n"
        .formatted(issuer, AUDIENCE, issuer());
  }

  ConfigurationResult read(String yaml) {
    return ConfigurationReader.parse(yaml, "tvm.yaml", folder);
  }

  Configuration configuration(String yaml) {
    return switch (read(yaml)) {
      case ConfigurationResult.Read read -> read.configuration();
      case ConfigurationResult.Unusable(var problems) -> throw new AssertionError(problems);
    };
  }

  /** The machine under this file; later ones take over what they can, as on a reload. */
  Application under(Configuration configuration) {
    Application application =
        applications.isEmpty()
            ? Application.of(configuration, runtime())
            : applications.getLast().with(configuration);
    applications.add(application);
    Await.until("ready", () -> application.notReadyReason().isEmpty());
    return application;
  }

  RuntimeEnvironment runtime() {
    return new RuntimeEnvironment(
        Map.of(),
        audit,
        InstantSource.system(),
        System::nanoTime,
        new SecureRandom(),
        TokenServiceConnectors.connector(),
        Optional.of(
            new RuntimeEnvironment.LocalMomento(
                Secret.of(momento.credentials().apiKey()), momentoAddress())));
  }

  static ApiResponse get(Application application, String query, Map<String, String> headers) {
    return application.api().handle(request("GET", query, headers, ""));
  }

  static ApiRequest request(String method, String query, Map<String, String> headers, String body) {
    Map<String, List<String>> all = new HashMap<>();
    headers.forEach((name, value) -> all.put(name, List.of(value)));
    return new ApiRequest(
        method,
        "/",
        new Query.Encoded(query),
        all,
        Body.of(body.getBytes(UTF_8)),
        Attempts.address("192.0.2.1"),
        InstantSource.system().instant());
  }

  static String text(ApiResponse response) {
    return new String(response.body().bytes(), UTF_8);
  }

  /** Whether a refusal is one of the constant documents, but for the request id. */
  static boolean isClosed(ApiResponse refusal) {
    for (Problem problem : Problem.values()) {
      String document =
          "{\"type\":\"%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\",\"instance\":\"ID\"}"
              .formatted(problem.type(), problem.title(), problem.status(), problem.detail());
      if (text(refusal)
          .replaceFirst("\"instance\":\"[0-9a-f]{32}\"", "\"instance\":\"ID\"")
          // This is local use, where the author of the file may know why.
          .replaceFirst(
              "\"detail\":\"(Denied|Malformed): .*\",\"instance\"",
              Matcher.quoteReplacement("\"detail\":\"" + problem.detail() + "\",\"instance\""))
          .equals(document)) {
        return refusal.status() == problem.status();
      }
    }
    return false;
  }

  /** A good token of this issuer; further members are JSON, each behind a comma. */
  String jwt(String subject, String furtherMembers) {
    return jwt(issuer(), subject, 600, furtherMembers);
  }

  /** The same in the name of any issuer, whose key set must be this one's; life in seconds. */
  String jwt(String issuer, String subject, long life, String furtherMembers) {
    long now = Instant.now().getEpochSecond();
    return key.jwt(
        "{\"iss\":\"%s\",\"aud\":\"%s\",\"iat\":%d,\"exp\":%d,\"sub\":%s%s}"
            .formatted(issuer, AUDIENCE, now, now + life, quoted(subject), furtherMembers));
  }

  static Map<String, String> bearer(String jwt) {
    return Map.of("authorization", "Bearer " + jwt);
  }

  /** A JSON string. */
  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c > ' ' && c < 0x7f && c != '"' && c != '\\' ? c : "\\u%04x".formatted((int) c));
    }
    return out.append('"').toString();
  }

  @Override
  public void close() {
    if (!applications.isEmpty()) {
      applications.getLast().close();
    }
    keySet.stop(0);
    momento.close();
    var _ = port.stop();
  }
}

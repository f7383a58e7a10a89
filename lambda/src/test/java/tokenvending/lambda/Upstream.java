package tokenvending.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.testing.SigningKey;

/**
 * What a function finds around it, on loopback: a token service that enforces, an issuer of JWTs,
 * and AWS Secrets Manager as far as its protocol goes here.
 */
final class Upstream implements AutoCloseable {
  static final String AUDIENCE = "chat-web";
  private static final String MINT = "/token.Token/GenerateDisposableToken";

  final AtomicInteger minted = new AtomicInteger();
  private final tokenvending.testing.Upstream calls = new tokenvending.testing.Upstream();
  final Map<String, String> secrets = new ConcurrentHashMap<>();
  final AtomicInteger secretReads = new AtomicInteger();
  private final MomentoLocal momento =
      MomentoLocal.start(MomentoLocalOptions.defaults().withAuthOperationsPerSecond(10_000));
  private final Server port;
  private volatile boolean silent;
  private volatile CountDownLatch keysHeldUntil = new CountDownLatch(0);
  private final HttpServer http;
  private final SigningKey key = SigningKey.generate();

  Upstream() {
    ServerBuilder builder =
        Server.builder().http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    momento.attachTo(builder);
    builder.decorator(
        (service, context, request) -> {
          if (context.path().equals(MINT)) {
            minted.incrementAndGet();
            calls.arrive();
          }
          return silent && context.path().equals(MINT)
              ? HttpResponse.streaming()
              : service.serve(context, request);
        });
    port = builder.build();
    port.start().join();
    try {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    byte[] keySet = key.keySet().getBytes(UTF_8);
    http.setExecutor(Thread::startVirtualThread);
    http.createContext(
        "/keys",
        exchange -> {
          CountDownLatch until = keysHeldUntil;
          if (until.getCount() > 0) {
            await(until);
            exchange.close();
          } else {
            answer(exchange, 200, keySet);
          }
        });
    http.createContext("/", this::secret);
    http.start();
    secrets.put("momento-key", momento.credentials().apiKey());
  }

  private void secret(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    secretReads.incrementAndGet();
    String name =
        Events.JSON.readTree(exchange.getRequestBody().readAllBytes()).path("SecretId").asText();
    String value = secrets.get(name);
    if (value == null) {
      exchange.getResponseHeaders().add("x-amzn-errortype", "ResourceNotFoundException");
      answer(exchange, 400, "{\"__type\":\"ResourceNotFoundException\"}".getBytes(UTF_8));
      return;
    }
    answer(
        exchange,
        200,
        Events.JSON
            .createObjectNode()
            .put("Name", name)
            .put("SecretString", value)
            .toString()
            .getBytes(UTF_8));
  }

  private static void answer(com.sun.net.httpserver.HttpExchange exchange, int status, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().add("content-type", "application/x-amz-json-1.1");
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** From now on requests for the issuer's keys wait. */
  void holdKeys() {
    keysHeldUntil = new CountDownLatch(1);
  }

  /** Ends the connections of requests that wait; later requests are answered. */
  void dropHeldKeys() {
    CountDownLatch held = keysHeldUntil;
    keysHeldUntil = new CountDownLatch(0);
    held.countDown();
  }

  /** From now on a request to mint gets no answer. */
  void silence() {
    silent = true;
  }

  /** The most requests to mint in any sliding second so far. */
  int mostInASecond() {
    return calls.mostInASecond();
  }

  String awsEndpoint() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  String issuer() {
    return awsEndpoint();
  }

  String oidc() {
    return "  - oidc: { issuer: \"%s\", audience: %s, jwks-uri: \"%s/keys\" }\n"
        .formatted(issuer(), AUDIENCE, issuer());
  }

  /** The file with what its functions need besides, in a folder as Lambda unpacks one. */
  Map<String, String> deployed(Path folder, String policy) {
    try {
      Files.writeString(
          folder.resolve("tvm.yaml"),
          policy
              + "momento: { token-service: \"http://127.0.0.1:"
              + port.activeLocalPort()
              + "\" }\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> environment = new HashMap<>();
    environment.put("LAMBDA_TASK_ROOT", folder.toString());
    environment.put("TVM_MOMENTO_API_KEY_SECRET", "momento-key");
    environment.put("TVM_API_ID", Events.API);
    environment.put("TVM_STAGE", Events.STAGE);
    environment.put("AWS_REGION", "us-west-2");
    environment.put("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    environment.put("AWS_SECRET_ACCESS_KEY", "example");
    environment.put("AWS_ENDPOINT_URL", awsEndpoint());
    return environment;
  }

  /** A user pool whose keys are here; its id and its client's come from the environment. */
  String cognito() {
    return "  - cognito: { issuer: \"%s\", jwks-uri: \"%s/keys\" }\n".formatted(issuer(), issuer());
  }

  /** As Cognito makes them for the client {@link #AUDIENCE}. */
  String idToken(String subject, String... groups) {
    return key.jwt(
        "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"exp\":%d,\"token_use\":\"id\",\"cognito:groups\":%s}"
            .formatted(
                issuer(), subject, AUDIENCE, Instant.now().getEpochSecond() + 600, list(groups)));
  }

  private static String list(String... groups) {
    return Arrays.stream(groups).map(group -> "\"" + group + "\"").toList().toString();
  }

  String jwt(String subject, String... groups) {
    return jwt(subject, Instant.now().getEpochSecond() + 600, groups);
  }

  String jwt(String subject, long expiry, String... groups) {
    return key.jwt(
        "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"exp\":%d,\"groups\":%s}"
            .formatted(issuer(), subject, AUDIENCE, expiry, list(groups)));
  }

  @Override
  public void close() {
    http.stop(0);
    momento.close();
    // Its future is of no use: it ends two seconds after everything is closed.
    var _ = port.stop();
  }
}

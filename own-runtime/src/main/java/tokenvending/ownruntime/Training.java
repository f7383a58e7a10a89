package tokenvending.ownruntime;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import tokenvending.momentolocal.LoopbackCertificate;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;

/**
 * One life of a function while the JVM watches: it answers as often and as variously as on Lambda,
 * over TLS, with a token service, a Secrets Manager, a table and an issuer of this process on
 * loopback. The JVM writes down what that took when the function ends.
 */
final class Training implements AutoCloseable {
  private static final String API = "training";
  private static final String STAGE = "prod";
  private static final String AUDIENCE = "training";
  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private static final long ANSWER_SECONDS = 60;
  private static final long DUMP_SECONDS = 300;

  /** Nobody knows the password of this hash: a guess takes as long to refuse. */
  private static final String USERS =
      "ann: { hash: \"$argon2id$v=19$m=19456,t=2,p=1$kBQxQtFpEULhXWNHc4dToQ$2OIzBWqlHtPDCQQVLuopy8K97yWXPfSgymsYLaslQUU\" }\n";

  private final Path work;
  private final Path task;
  private final LoopbackCertificate certificate;
  private final KeyPair issuerKey;
  private final MomentoLocal momento;
  private final Server tokenService;
  private final HttpsServer https;
  private final HttpServer runtimeApi;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  /**
   * Opens what the function talks to.
   *
   * @param work a folder for what is left
   * @param task the unpacked zip
   */
  Training(Path work, Path task) throws IOException, InterruptedException {
    this.work = work;
    this.task = task;
    try {
      this.certificate = LoopbackCertificate.make(Path.of(System.getProperty("java.home")), work);
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      this.issuerKey = generator.generateKeyPair();
      KeyManagerFactory keys = certificate.keys();
      this.momento =
          MomentoLocal.start(MomentoLocalOptions.defaults().withAuthOperationsPerSecond(10_000));
      ServerBuilder builder =
          Server.builder()
              .https(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .tls(keys);
      momento.attachTo(builder);
      this.tokenService = builder.build();
      tokenService.start().join();
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      this.https =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      https.setHttpsConfigurator(new HttpsConfigurator(context));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot do TLS", e);
    }
    https.setExecutor(threads);
    https.createContext("/keys", exchange -> answer(exchange, keySet()));
    https.createContext("/", this::aws);
    https.start();
    runtimeApi = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    runtimeApi.setExecutor(threads);
    runtimeApi.createContext("/2018-06-01/runtime/", this::runtime);
    runtimeApi.start();
  }

  /**
   * Runs the function from its start to its end.
   *
   * @param options what the JVM is told besides
   * @param rounds how often the story is told
   * @throws IOException where it does not start, or does not vend
   */
  void run(Trained trained, String options, int rounds) throws IOException, InterruptedException {
    Files.writeString(task.resolve("tvm.yaml"), file());
    Path log = work.resolve("training.log");
    ProcessBuilder builder =
        new ProcessBuilder(task.resolve("bootstrap").toString())
            .directory(task.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    environment
        .keySet()
        .removeIf(
            name -> name.startsWith("AWS_") || name.startsWith("TVM_") || name.contains("JAVA"));
    environment.put(
        "JAVA_TOOL_OPTIONS",
        "%s -Djavax.net.ssl.trustStore=%s".formatted(options, certificate.trustStore()));
    environment.put("_HANDLER", trained.handler());
    environment.put("LAMBDA_TASK_ROOT", task.toString());
    environment.put("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + runtimeApi.getAddress().getPort());
    environment.put("AWS_LAMBDA_FUNCTION_NAME", "training");
    environment.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024");
    environment.put("AWS_REGION", "us-west-2");
    environment.put("AWS_ACCESS_KEY_ID", "training");
    environment.put("AWS_SECRET_ACCESS_KEY", "training");
    environment.put("AWS_ENDPOINT_URL", httpsEndpoint());
    environment.put("TVM_MOMENTO_API_KEY_SECRET", "momento-key");
    // What every stack has that does not ask to do without.
    environment.put("TVM_STATE", "dynamodb:training");
    environment.put("TVM_API_ID", API);
    environment.put("TVM_STAGE", STAGE);
    Process function = builder.start();
    try {
      int done = 0;
      String last = "nothing";
      for (int round = 0; round < rounds; round++) {
        for (String event : story(trained)) {
          events.add(event);
          String answer = answerOf(function);
          if (answer.isEmpty()) {
            throw new IOException(
                "the function did not answer; it had said: " + last + "\n" + Files.readString(log));
          }
          last = answer;
          if (answer.contains(trained.success())) {
            done++;
          }
        }
      }
      if (done != rounds * trained.successes()) {
        throw new IOException(
            "the function did too little, or too much:\n" + Files.readString(log));
      }
      // It ends as Lambda ends it, and the JVM writes before it goes.
      function.destroy();
      if (!function.waitFor(DUMP_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the function does not end:\n" + Files.readString(log));
      }
    } finally {
      function.destroyForcibly();
    }
  }

  /** Empty where there is none. */
  private String answerOf(Process function) throws InterruptedException {
    String answer = null;
    for (int i = 0; answer == null && i < ANSWER_SECONDS && function.isAlive(); i++) {
      answer = answers.poll(1, TimeUnit.SECONDS);
    }
    return answer == null ? "" : answer;
  }

  private String httpsEndpoint() {
    return "https://127.0.0.1:" + https.getAddress().getPort();
  }

  private String file() {
    return """
    authentication:
      - open: {}
      - password: { users: "aws-secret:users" }
      - oidc: { issuer: "%s", audience: %s, jwks-uri: "%s/keys" }
    parameters:
      name: { max-length: 64, required: false }
    rules:
      - id: members
        when: { claims: { iss: "%s" } }
        token-id: "member/${subject}"
        permissions:
          - { role: PublishSubscribe, cache: chat, topic: "room-${subject}" }
      - id: users
        when: { claims: { iss: password } }
        token-id: "user/${subject}"
        permissions:
          - { role: ReadOnly, cache: chat }
      - id: guests
        token-id: "guest/${request.name}"
        permissions:
          - { role: ReadOnly, cache: chat }
          - { role: PublishSubscribe, cache: chat, topic: room-1 }
    limits: { per-caller: 6000/m, per-address: 6000/m }
    cors: { allow-origins: ["https://chat.example.com"] }
    momento: { token-service: "https://127.0.0.1:%d" }
    """
        .formatted(
            httpsEndpoint(),
            AUDIENCE,
            httpsEndpoint(),
            httpsEndpoint(),
            tokenService.activeLocalPort());
  }

  private List<String> story(Trained trained) {
    String bearer = "\"Authorization\":\"Bearer " + jwt() + "\"";
    return switch (trained) {
      // By every way in, refusals, a pre-flight.
      case VEND ->
          List.of(
              event("GET", "\"Accept\":\"*/*\"", "{\"name\":\"Taylor\"}", ""),
              event("GET", bearer, "null", ""),
              event("GET", bearer.replaceFirst(".$", "x\""), "null", ""),
              event("OPTIONS", "\"Origin\":\"https://chat.example.com\"", "null", ""),
              event("GET", "\"Accept\":\"*/*\"", "{\"colour\":\"red\"}", ""));
      case AUTHORIZER ->
          List.of(
              event("GET", bearer, "null", "\"type\":\"REQUEST\","),
              event("GET", basic("training"), "null", "\"type\":\"REQUEST\","));
    };
  }

  private static String basic(String password) {
    return "\"Authorization\":\"Basic "
        + Base64.getEncoder().encodeToString(("ann:" + password).getBytes(UTF_8))
        + "\"";
  }

  /** One that API Gateway makes; of the authorizer's shape where {@code type} says so. */
  private static String event(String method, String header, String query, String type) {
    String many = query.equals("null") ? "null" : query.replace(":", ":[").replace("}", "]}");
    return """
    {%s"resource":"/","path":"/","httpMethod":"%s",\
    "methodArn":"arn:aws:execute-api:us-west-2:123456789012:%s/%s/GET/",\
    "headers":{%s,"Host":"x.execute-api.us-west-2.amazonaws.com"},\
    "multiValueHeaders":{%s,"Host":["x.execute-api.us-west-2.amazonaws.com"]},\
    "queryStringParameters":%s,"multiValueQueryStringParameters":%s,\
    "pathParameters":null,"stageVariables":null,"requestContext":{"resourcePath":"/",\
    "httpMethod":"%s","path":"/%s/","accountId":"123456789012","stage":"%s",\
    "identity":{"sourceIp":"203.0.113.7","userArn":null},\
    "requestId":"0f4bbf3c-64cb-4b49-9d0b-5c4b4f9d0d42","apiId":"%s"},\
    "body":null,"isBase64Encoded":false}"""
        .formatted(
            type,
            method,
            API,
            STAGE,
            header,
            header.replaceFirst(":(\".*\")$", ":[$1]"),
            query,
            many,
            method,
            STAGE,
            STAGE,
            API);
  }

  private String jwt() {
    String claims =
        "{\"iss\":\"%s\",\"sub\":\"ann\",\"aud\":\"%s\",\"exp\":%d,\"groups\":[\"writers\"]}"
            .formatted(httpsEndpoint(), AUDIENCE, Instant.now().getEpochSecond() + 600);
    String input =
        URL.encodeToString("{\"alg\":\"RS256\",\"kid\":\"1\",\"typ\":\"JWT\"}".getBytes(UTF_8))
            + "."
            + URL.encodeToString(claims.getBytes(UTF_8));
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(issuerKey.getPrivate());
      signature.update(input.getBytes(UTF_8));
      return input + "." + URL.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String keySet() {
    RSAPublicKey rsa = (RSAPublicKey) issuerKey.getPublic();
    return "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"1\",\"alg\":\"RS256\",\"n\":\"%s\",\"e\":\"%s\"}]}"
        .formatted(unsigned(rsa.getModulus()), unsigned(rsa.getPublicExponent()));
  }

  private static String unsigned(BigInteger number) {
    byte[] bytes = number.toByteArray();
    return URL.encodeToString(bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
  }

  private void aws(HttpExchange exchange) throws IOException {
    String asked = read(exchange);
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    if (target != null && target.startsWith("DynamoDB")) {
      answer(exchange, table(target, asked));
      return;
    }
    String key = momento.credentials().apiKey();
    String value = asked.contains("users") ? USERS.replace("\"", "\\\"").strip() : key;
    answer(exchange, "{\"Name\":\"training\",\"SecretString\":\"" + value + "\"}");
  }

  /** A table in which nobody was granted anything, and that forgets what it is told. */
  private static String table(String target, String asked) {
    if (target.endsWith(".Query")) {
      return "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}";
    }
    return target.endsWith(".GetItem") && asked.contains("slots")
        ? "{\"Item\":{\"v\":{\"N\":\"1\"},\"t\":{\"M\":{}}}}"
        : "{}";
  }

  private void runtime(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestURI().getPath().endsWith("/next")) {
      answers.add(read(exchange));
      exchange.sendResponseHeaders(202, -1);
      exchange.close();
      return;
    }
    try {
      String event = events.take();
      exchange.getResponseHeaders().add("Lambda-Runtime-Aws-Request-Id", "training");
      exchange.getResponseHeaders().add("Lambda-Runtime-Trace-Id", "Root=1-0-0;Sampled=0");
      answer(exchange, event);
    } catch (InterruptedException e) {
      exchange.close();
    }
  }

  private static String read(HttpExchange exchange) throws IOException {
    try (InputStream in = exchange.getRequestBody()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes(UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    runtimeApi.stop(0);
    https.stop(0);
    tokenService.stop().join();
    momento.close();
    threads.shutdownNow();
  }
}

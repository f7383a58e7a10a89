package tokenvending.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import javax.net.ssl.KeyManagerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tokenvending.momentolocal.LoopbackCertificate;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.text.Json;

/**
 * {@code train}: has the JVM write down what a server takes between its start and its first answers
 * (its AOT cache, JEP 514), for each of the two ways to serve: {@code key.aot} with an API key and
 * a JWT issuer, over TLS, and {@code local.aot} with a Momento of its own. Each is written by a
 * server in a JVM of its own, which has this one's flags and class path, since whatever else ran in
 * it would have to be loaded at every start. This one asks, and plays Momento and the issuer. All
 * files go into one folder; it ends within two minutes.
 */
@Command(
    name = "train",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Starts servers, asks and ends them; for the launcher, to train the JVM.")
final class TrainCommand implements Callable<Integer> {
  /**
   * Each kind of request: enough that what it takes is loaded, too few to be compiled at length.
   */
  private static final int ROUNDS = 3;

  private static final int PLENTY = 10_000;
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final String READY = "ready: ";

  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;

  private static final String LOCAL =
      """
      authentication: [open: {}]
      parameters: { name: { max-length: 40, required: false } }
      rules:
        - id: everybody
          permissions: [{ role: SubscribeOnly, cache: chat, topic: { prefix: room- } }]
      audit: { to: "file:FOLDER/audit.jsonl" }
      """;

  private static final String WITH_A_KEY =
      """
      authentication:
        - oidc: { issuer: "https://localhost:PORT/", audience: train, jwks-uri: "https://localhost:PORT/keys" }
        - open: {}
      parameters: { name: { max-length: 40, required: false } }
      rules:
        - id: members
          when: { claims: { iss: "https://localhost:PORT/" } }
          permissions: [{ role: PublishSubscribe, cache: chat, topic: { prefix: room- } }]
        - id: guests
          reuse: never
          permissions: [{ role: PublishSubscribe, cache: chat, topic: { prefix: room- } }]
      limits: { per-caller: 100/s, per-address: 100/s }
      momento: { api-key: "file:FOLDER/key", token-service: "https://localhost:PORT", budget: 1000/s }
      audit: { to: "file:FOLDER/audit.jsonl" }
      """;

  @Parameters(paramLabel = "FOLDER", description = "Takes the files that this writes.")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws IOException, InterruptedException, GeneralSecurityException {
    endInTime();
    // A file without an issuer refuses every bearer token.
    train("local", LOCAL, "a.b.c", UNAUTHORIZED);
    LoopbackCertificate certificate =
        LoopbackCertificate.make(Path.of(System.getProperty("java.home")), folder);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    try (MomentoLocal momento =
        MomentoLocal.start(MomentoLocalOptions.defaults().withAuthOperationsPerSecond(PLENTY))) {
      Server upstream =
          listen(momento, certificate.keys(), keySet((RSAPublicKey) pair.getPublic()));
      Files.writeString(folder.resolve("key"), momento.credentials().apiKey());
      String port = Integer.toString(upstream.activeLocalPort());
      train(
          "key",
          WITH_A_KEY.replace("PORT", port),
          jwt("https://localhost:" + port + "/", pair),
          OK,
          "-Djavax.net.ssl.trustStore=" + certificate.trustStore());
      upstream.stop().join();
    }
    return ExitCode.DONE;
  }

  /** The launcher waits for this, and must not wait for ever. */
  private static void endInTime() {
    Thread.ofPlatform()
        .daemon()
        .name("end in time")
        .start(
            () -> {
              try {
                Thread.sleep(LONGEST);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              System.exit(ExitCode.REFUSED);
            });
  }

  private static Server listen(MomentoLocal momento, KeyManagerFactory certificate, String keySet) {
    ServerBuilder builder =
        Server.builder()
            .https(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .tls(certificate);
    momento.attachTo(builder);
    builder.service(
        "/keys", (context, request) -> HttpResponse.of(HttpStatus.OK, MediaType.JSON, keySet));
    Server server = builder.build();
    server.start().join();
    return server;
  }

  /** The JVM writes its cache when a signal has ended the server. */
  private void train(String name, String yaml, String bearer, int due, String... options)
      throws IOException, InterruptedException {
    Path file = folder.resolve(name + ".yaml");
    Files.writeString(file, yaml.replace("FOLDER", folder.toAbsolutePath().toString()));
    Process server =
        new ProcessBuilder(server(folder.resolve(name + ".aot"), file, options))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server)));
    try (BufferedReader out = server.inputReader(UTF_8)) {
      ask(ready(out), bearer, due);
      // Not the process's own destroy, which would close what is still read here.
      server.toHandle().destroy();
      out.transferTo(Writer.nullWriter());
      int code = server.waitFor();
      if (code != 0) {
        throw new IOException("the server ended with " + code);
      }
    } finally {
      end(server);
    }
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private List<String> server(Path cache, Path file, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-XX:AOTCacheOutput=" + cache,
            // What a few requests say of the methods would have the next start compile at length.
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-AOTRecordTraining",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "serve",
            "--pages",
            folder.resolve("pages").toString(),
            "--port",
            "0",
            "--config",
            file.toString()));
    return command;
  }

  private static URI ready(BufferedReader out) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(READY)) {
        return URI.create(line.substring(READY.length()) + "/");
      }
    }
    throw new IOException("the server did not start");
  }

  /**
   * Asks for all that a server is trained by. Trained on refusals, it would start as if untrained,
   * and nobody would notice.
   *
   * @param due the status for the bearer token
   * @throws IOException when an answer is another than is due; it says to which request
   */
  static void ask(URI address, String bearer, int due) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < ROUNDS; i++) {
        demand(client, OK, HttpRequest.newBuilder(address.resolve("/healthz")));
        vend(client, OK, HttpRequest.newBuilder(address.resolve("/?name=ann")));
        vend(client, OK, HttpRequest.newBuilder(address).header("origin", "http://localhost:3000"));
        vend(
            client,
            due,
            HttpRequest.newBuilder(address).header("authorization", "Bearer " + bearer));
        vend(
            client,
            OK,
            HttpRequest.newBuilder(address)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"ann\",\"ttl\":60}")));
      }
    }
  }

  /** Where the status that is due is that of a token, there is to be one. */
  private static void vend(HttpClient client, int due, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    String body = demand(client, due, request);
    if (due == OK && Json.object(body).flatMap(json -> json.text("authToken")).isEmpty()) {
      throw new IOException(words(request.build()) + " was answered without a token");
    }
  }

  private static String demand(HttpClient client, int due, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    java.net.http.HttpResponse<String> answer =
        client.send(request.build(), java.net.http.HttpResponse.BodyHandlers.ofString(UTF_8));
    if (answer.statusCode() != due) {
      throw new IOException(
          words(answer.request()) + " was answered " + answer.statusCode() + ", not " + due);
    }
    return answer.body();
  }

  /** Of its headers the names only: one is a credential. */
  private static String words(HttpRequest request) {
    return "%s %s %s".formatted(request.method(), request.uri(), request.headers().map().keySet());
  }

  private static String keySet(RSAPublicKey key) {
    return "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"train\",\"n\":\"%s\",\"e\":\"%s\"}]}"
        .formatted(text(key.getModulus()), text(key.getPublicExponent()));
  }

  private static String jwt(String issuer, KeyPair pair) throws GeneralSecurityException {
    String claims =
        "{\"iss\":\"%s\",\"aud\":\"train\",\"sub\":\"ann\",\"exp\":%d}"
            .formatted(issuer, Instant.now().plus(LONGEST).getEpochSecond());
    String signed =
        text("{\"alg\":\"RS256\",\"kid\":\"train\"}".getBytes(UTF_8))
            + "."
            + text(claims.getBytes(UTF_8));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(pair.getPrivate());
    signature.update(signed.getBytes(UTF_8));
    return signed + "." + text(signature.sign());
  }

  private static String text(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int sign = bytes[0] == 0 ? 1 : 0;
    return text(Arrays.copyOfRange(bytes, sign, bytes.length));
  }

  private static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}

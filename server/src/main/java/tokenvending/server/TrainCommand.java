package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
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
import java.security.KeyStore;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;

/**
 * {@code train}: what a server does between its start and its first answers, so that the JVM can
 * write down which classes that takes (its AOT cache, JEP 514). Runs {@code serve} once in local
 * use, and once with an API key and a JWT issuer, over TLS, for which it writes files into a
 * folder. Talks to itself only, and ends within two minutes.
 */
@Command(
    name = "train",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Starts, answers a few requests and ends; for the launcher, to train the JVM.")
final class TrainCommand implements Callable<Integer> {
  /**
   * Each kind of request: enough that what it takes is loaded, too few to be compiled at length.
   */
  private static final int ROUNDS = 3;

  /** Of a file that this writes and that nobody else reads. */
  private static final String PASSWORD = "train-only";

  private static final int PLENTY = 10_000;
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final Pattern READY = Pattern.compile("^ready: (\\S+)$", Pattern.MULTILINE);

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
    KeyManagerFactory certificate = trustedCertificate();
    serve("local.yaml", LOCAL, "a.b.c");
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    try (MomentoLocal momento =
        MomentoLocal.start(MomentoLocalOptions.defaults().withAuthOperationsPerSecond(PLENTY))) {
      Server upstream = listen(momento, certificate, keySet((RSAPublicKey) pair.getPublic()));
      Files.writeString(folder.resolve("key"), momento.credentials().apiKey());
      String port = Integer.toString(upstream.activeLocalPort());
      serve(
          "key.yaml",
          WITH_A_KEY.replace("PORT", port),
          jwt("https://localhost:" + port + "/", pair));
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
              Runtime.getRuntime().halt(ExitCode.REFUSED);
            });
  }

  /** A certificate of this machine, which this process trusts in place of all others. */
  private KeyManagerFactory trustedCertificate()
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve("server.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    List<String> command =
        List.of(
            keytool,
            "-genkeypair",
            "-keyalg",
            "EC",
            "-alias",
            "train",
            "-dname",
            "CN=localhost",
            "-ext",
            "san=dns:localhost",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            PASSWORD);
    int code =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (code != 0) {
      throw new IOException("keytool ended with " + code);
    }
    System.setProperty("javax.net.ssl.trustStore", store.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray()), PASSWORD.toCharArray());
    return keys;
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

  /** The server ends with this process, as one that serves does. */
  private void serve(String name, String yaml, String bearer)
      throws IOException, InterruptedException {
    Path file = folder.resolve(name);
    Files.writeString(file, yaml.replace("FOLDER", folder.toAbsolutePath().toString()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Serving serving =
        Serving.plain("serve", "--port", "0", "--config", file.toString()).orElseThrow();
    Thread running =
        Thread.ofPlatform()
            .daemon()
            .name("serve")
            .start(
                () -> {
                  try {
                    serving.run(System.getenv(), new PrintWriter(out), new PrintWriter(err));
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    Matcher ready = READY.matcher(out.toString());
    while (!ready.find()) {
      if (running.join(Duration.ofMillis(20))) {
        throw new IOException("did not start: " + err);
      }
      ready = READY.matcher(out.toString());
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI address = URI.create(ready.group(1) + "/");
      for (int i = 0; i < ROUNDS; i++) {
        ask(client, HttpRequest.newBuilder(address.resolve("/healthz")));
        ask(client, HttpRequest.newBuilder(address.resolve("/?name=ann")));
        ask(client, HttpRequest.newBuilder(address).header("origin", "http://localhost:3000"));
        ask(client, HttpRequest.newBuilder(address).header("authorization", "Bearer " + bearer));
        ask(
            client,
            HttpRequest.newBuilder(address)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"ann\",\"ttl\":60}")));
      }
    }
  }

  /** What the answer says does not matter; that there is one does. */
  private static void ask(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    client.send(request.build(), java.net.http.HttpResponse.BodyHandlers.ofString(UTF_8));
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

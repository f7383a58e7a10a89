import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Writer;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;

/**
 * Makes AOT caches (JEP 514) for the packaged server: starts it, sends it a few requests, and ends
 * it, whereupon its JVM writes the cache. A JVM loads all that its cache holds, so there are two:
 * {@code local} for a server that brings momento-local, and {@code key} for one with an API key,
 * which calls {@code tvm local} over TLS. The folder of the caches appears whole or not at all; an
 * empty one says that they could not be made, or that no JVM can use them.
 *
 * <pre>java Train.java FOLDER PATH/TO/java OPTION… -cp CLASS_PATH MAIN_CLASS</pre>
 *
 * Exit code 0: there are caches that fit.
 */
final class Train {
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final char[] PASSWORD = "training".toCharArray();
  private static final String READY = "ready: ";
  private static final String API_KEY = "API key (v1)";

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
        - oidc: { issuer: "ISSUER/", audience: train, jwks-uri: "ISSUER/keys" }
        - open: {}
      parameters: { name: { max-length: 40, required: false } }
      rules:
        - id: members
          when: { claims: { iss: "ISSUER/" } }
          permissions: [{ role: PublishSubscribe, cache: chat, topic: { prefix: room- } }]
        - id: guests
          reuse: never
          permissions: [{ role: PublishSubscribe, cache: chat, topic: { prefix: room- } }]
      limits: { per-caller: 100/s, per-address: 100/s }
      momento: { api-key: "file:FOLDER/key", token-service: "https://localhost:PORT", budget: 1000/s }
      audit: { to: "file:FOLDER/audit.jsonl" }
      """;

  private final Path caches;
  private final List<String> server;

  /** The working folder of the servers, deleted at the end. */
  private final Path folder;

  private Train(Path caches, List<String> server, Path folder) {
    this.caches = caches;
    this.server = server;
    this.folder = folder;
  }

  public static void main(String[] args) throws Exception {
    Path caches = Path.of(args[0]).toAbsolutePath();
    Path folder = Files.createTempDirectory("tvm-train-");
    Train train = new Train(caches, List.of(args).subList(1, args.length), folder);
    boolean done;
    try (FileChannel lock =
        FileChannel.open(
            caches.resolveSibling(".training"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      lock.lock();
      done = train.fits(caches) || train.make();
    } finally {
      delete(folder);
    }
    // The threads of the TLS relay would keep running.
    System.exit(done ? 0 : 1);
  }

  private boolean make() throws IOException, InterruptedException, GeneralSecurityException {
    Path made = caches.resolveSibling(".caches-in-the-making");
    delete(made);
    delete(caches);
    Files.createDirectory(made);
    boolean fits = false;
    try {
      record(made.resolve("local"), LOCAL, "a.b.c", 401);
      recordWithKey(made.resolve("key"));
      fits = fits(made);
    } catch (IOException e) {
      e.printStackTrace();
    }
    if (!fits) {
      delete(made);
      Files.createDirectory(made);
    }
    Files.move(made, caches, StandardCopyOption.ATOMIC_MOVE);
    return fits;
  }

  private void recordWithKey(Path cache)
      throws IOException, InterruptedException, GeneralSecurityException {
    SSLContext tls = makeCertificate();
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    String issuer = startIssuer(tls, (RSAPublicKey) pair.getPublic());
    Process momento = start(List.of(), "local", "--port", "0", "--auth-rate", "1000/s");
    try (BufferedReader out = momento.inputReader(UTF_8)) {
      Files.writeString(folder.resolve("key"), await(out, API_KEY).strip());
      int port = forward(tls, URI.create(await(out, READY)).getPort());
      String policy = WITH_A_KEY.replace("ISSUER", issuer).replace("PORT", Integer.toString(port));
      record(
          cache,
          policy,
          jwt(issuer + "/", pair),
          200,
          "-Djavax.net.ssl.trustStore=" + folder.resolve("cacerts"));
    } finally {
      end(momento);
    }
  }

  /** The JVM writes its cache after a signal has ended the server. */
  private void record(Path cache, String policy, String bearer, int bearerStatus, String... options)
      throws IOException, InterruptedException {
    Path file =
        Files.writeString(folder.resolve("tvm.yaml"), policy.replace("FOLDER", folder.toString()));
    List<String> all = new ArrayList<>(List.of(options));
    // Profiles of a few requests would make the next start compile for long.
    all.addAll(List.of("-XX:AOTCacheOutput=" + cache, "-XX:-AOTRecordTraining"));
    String pages = folder.resolve("pages").toString();
    Process process =
        start(all, "serve", "--pages", pages, "--port", "0", "--config", file.toString());
    try (BufferedReader out = process.inputReader(UTF_8)) {
      send(URI.create(await(out, READY) + "/"), bearer, bearerStatus);
      // Not Process.destroy, which closes the streams that are still read here.
      process.toHandle().destroy();
      out.transferTo(Writer.nullWriter());
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException("the server ended with " + code);
      }
    } finally {
      end(process);
    }
  }

  /** Waits for a line of the output with this text, and returns what follows it. */
  private static String await(BufferedReader out, String text) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.strip().startsWith(text)) {
        return line.strip().substring(text.length());
      }
    }
    throw new IOException("the server did not start");
  }

  /** Sends each kind of request, often enough to load its classes. */
  private static void send(URI address, String bearer, int bearerStatus)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 3; i++) {
        expect(client, 200, "", HttpRequest.newBuilder(address.resolve("/healthz")));
        expect(client, 200, "authToken", HttpRequest.newBuilder(address.resolve("/?name=ann")));
        expect(
            client,
            200,
            "authToken",
            HttpRequest.newBuilder(address).header("origin", "http://localhost:3000"));
        expect(
            client,
            bearerStatus,
            "",
            HttpRequest.newBuilder(address).header("authorization", "Bearer " + bearer));
        HttpRequest.Builder post =
            HttpRequest.newBuilder(address).header("content-type", "application/json");
        expect(
            client,
            200,
            "authToken",
            post.POST(BodyPublishers.ofString("{\"name\":\"ann\",\"ttl\":60}")));
      }
    }
  }

  /** Fails on an unexpected status: a cache trained on errors would be useless without notice. */
  private static void expect(
      HttpClient client, int status, String text, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    var response = client.send(request.timeout(LONGEST).build(), BodyHandlers.ofString(UTF_8));
    if (response.statusCode() != status || !response.body().contains(text)) {
      throw new IOException(
          response.uri() + ": status " + response.statusCode() + ", expected " + status);
    }
  }

  private boolean fits(Path made) throws IOException, InterruptedException {
    for (String kind : List.of("local", "key")) {
      Path cache = made.resolve(kind);
      if (!Files.exists(cache)) {
        return false;
      }
      Process process = start(List.of("-XX:AOTMode=on", "-XX:AOTCache=" + cache), "--version");
      process.inputReader(UTF_8).transferTo(Writer.nullWriter());
      if (process.waitFor() != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The server's command line with these JVM options and arguments; ended after a while, since a
   * build waits for it.
   */
  private Process start(List<String> options, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(server);
    command.addAll(command.indexOf("-cp"), options);
    command.addAll(Arrays.asList(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process)));
    process
        .onExit()
        .orTimeout(LONGEST.toSeconds(), TimeUnit.SECONDS)
        .exceptionally(
            late -> {
              end(process);
              return process;
            });
    return process;
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /**
   * A certificate for localhost, and the file cacerts that has it beside the authorities that the
   * JDK trusts.
   */
  private SSLContext makeCertificate()
      throws IOException, InterruptedException, GeneralSecurityException {
    Path home = Path.of(System.getProperty("java.home"));
    Path file = folder.resolve("keys.p12");
    String options =
        "-genkeypair -alias train -storetype PKCS12 -keyalg EC -groupname secp256r1 -dname"
            + " CN=localhost -ext bc:c -ext SAN=DNS:localhost -validity 2 -storepass "
            + new String(PASSWORD);
    List<String> command =
        new ArrayList<>(
            List.of(home.resolve("bin/keytool").toString(), "-keystore", file.toString()));
    command.addAll(List.of(options.split(" ")));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException("keytool failed");
    }
    KeyStore own = KeyStore.getInstance(file.toFile(), PASSWORD);
    // Without a password, as in JDKs, because opening an encrypted one takes longer.
    System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
    System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
    KeyStore trusted =
        KeyStore.getInstance(home.resolve("lib/security/cacerts").toFile(), (char[]) null);
    trusted.setCertificateEntry("train", own.getCertificate("train"));
    try (OutputStream out = Files.newOutputStream(folder.resolve("cacerts"))) {
      trusted.store(out, PASSWORD);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** Passes on to a port what TLS connections carry, and back. Returns the port for TLS. */
  private static int forward(SSLContext tls, int port) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    SSLServerSocket listener =
        (SSLServerSocket) tls.getServerSocketFactory().createServerSocket(0, 5, loopback);
    SSLParameters parameters = listener.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    listener.setSSLParameters(parameters);
    Thread.startVirtualThread(
        () -> {
          while (true) {
            try {
              Socket from = listener.accept();
              Socket to = new Socket(loopback, port);
              Thread.startVirtualThread(() -> copy(from, to));
              Thread.startVirtualThread(() -> copy(to, from));
            } catch (IOException e) {
              e.printStackTrace();
            }
          }
        });
    return listener.getLocalPort();
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // One side closed the connection.
    }
  }

  /** An issuer of JWTs with this key; returns its address. */
  private static String startIssuer(SSLContext tls, RSAPublicKey key) throws IOException {
    byte[] keys =
        "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"train\",\"n\":\"%s\",\"e\":\"%s\"}]}"
            .formatted(base64(key.getModulus()), base64(key.getPublicExponent()))
            .getBytes(UTF_8);
    HttpsServer issuer =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.setHttpsConfigurator(new HttpsConfigurator(tls));
    issuer.createContext(
        "/keys",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
          }
        });
    issuer.start();
    return "https://localhost:" + issuer.getAddress().getPort();
  }

  private static String jwt(String issuer, KeyPair pair) throws GeneralSecurityException {
    String claims =
        "{\"iss\":\"%s\",\"aud\":\"train\",\"sub\":\"ann\",\"exp\":%d}"
            .formatted(issuer, Instant.now().plus(LONGEST).getEpochSecond());
    String signed =
        base64("{\"alg\":\"RS256\",\"kid\":\"train\"}".getBytes(UTF_8))
            + "."
            + base64(claims.getBytes(UTF_8));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(pair.getPrivate());
    signature.update(signed.getBytes(UTF_8));
    return signed + "." + base64(signature.sign());
  }

  private static String base64(BigInteger number) {
    byte[] bytes = number.toByteArray();
    return base64(Arrays.copyOfRange(bytes, bytes[0] == 0 ? 1 : 0, bytes.length));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      List<Path> all = new ArrayList<>();
      try (Stream<Path> found = Files.walk(folder)) {
        found.forEach(all::addFirst);
      }
      for (Path path : all) {
        Files.delete(path);
      }
    }
  }
}

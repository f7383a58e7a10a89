package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tokenvending.api.PageFolder;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult;
import tokenvending.momentolocal.MomentoLocal;
import tokenvending.momentolocal.MomentoLocalOptions;

/**
 * {@code train}: what a server does between its start and its first answers, so that the JVM can
 * write down which classes that takes (its AOT cache, JEP 514). Once in local use, and once with an
 * API key, a JWT issuer and users, for which it writes files into a folder. Talks to itself only.
 */
@Command(
    name = "train",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Starts, answers a few requests and ends; for the launcher, to train the JVM.")
final class TrainCommand implements Callable<Integer> {
  /** The paths that a JVM compiles early are those that are taken more than once. */
  private static final int ROUNDS = 20;

  private static final int PLENTY = 10_000;

  /** A start of seconds and a hundred requests take no longer, and the launcher must not wait. */
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private static final PageFolder NO_PAGES = PageFolder.missing("not while training");

  private static final String LOCAL =
      """
      authentication: [open: {}]
      parameters: { name: { max-length: 40, required: false } }
      rules:
        - id: everybody
          permissions: [{ role: SubscribeOnly, cache: chat, topic: { prefix: room- } }]
      audit: { to: "file:AUDIT" }
      """;

  private static final String WITH_A_KEY =
      """
      authentication:
        - oidc: { issuer: "http://127.0.0.1:PORT/", audience: train, jwks-uri: "http://127.0.0.1:PORT/keys" }
        - open: {}
      parameters: { name: { max-length: 40, required: false } }
      rules:
        - id: everybody
          permissions: [{ role: PublishSubscribe, cache: chat, topic: { prefix: room- } }]
      momento: { api-key: env:TRAINING_KEY, token-service: "http://127.0.0.1:PORT" }
      audit: { to: "file:AUDIT" }
      """;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "FOLDER", description = "Takes the files that this writes.")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws IOException, InterruptedException {
    Objects.requireNonNull(spec, "picocli sets it");
    endInTime();
    Path audit = folder.resolve("audit.jsonl");
    serve(LOCAL.replace("AUDIT", audit.toString()), true, Map.of());
    try (MomentoLocal momento =
        MomentoLocal.start(MomentoLocalOptions.defaults().withAuthOperationsPerSecond(PLENTY))) {
      Server port = listen(momento);
      try {
        serve(
            WITH_A_KEY
                .replace("AUDIT", audit.toString())
                .replace("PORT", Integer.toString(port.activeLocalPort())),
            false,
            Map.of("TRAINING_KEY", momento.credentials().apiKey()));
      } finally {
        port.stop().join();
      }
    }
    return 0;
  }

  private static void endInTime() {
    Thread.ofPlatform()
        .daemon()
        .name("end in time")
        .start(
            () -> {
              try {
                Thread.sleep(LONGEST);
              } catch (InterruptedException e) {
                return;
              }
              Runtime.getRuntime().halt(ExitCode.REFUSED);
            });
  }

  private static Server listen(MomentoLocal momento) {
    ServerBuilder builder =
        Server.builder().http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    momento.attachTo(builder);
    Server server = builder.build();
    server.start().join();
    return server;
  }

  private void serve(String yaml, boolean local, Map<String, String> environment)
      throws InterruptedException {
    HttpSettings settings =
        new HttpSettings(
            "127.0.0.1",
            0,
            Optional.empty(),
            anybody -> false,
            Optional.empty(),
            HttpSettings.Limits.USUAL);
    try (RunningServer server =
            RunningServer.start(configuration(yaml), settings, NO_PAGES, local, environment);
        HttpClient client = HttpClient.newHttpClient()) {
      URI address = URI.create("http://127.0.0.1:" + server.port() + "/");
      for (int i = 0; i < ROUNDS; i++) {
        ask(client, HttpRequest.newBuilder(address.resolve("/healthz")));
        ask(client, HttpRequest.newBuilder(address.resolve("/?name=ann")));
        ask(client, HttpRequest.newBuilder(address).header("origin", "http://localhost:3000"));
        ask(client, HttpRequest.newBuilder(address).header("authorization", "Bearer a.b.c"));
        ask(
            client,
            HttpRequest.newBuilder(address)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"ann\",\"ttl\":60}")));
      }
    }
  }

  private Configuration configuration(String yaml) {
    try {
      Path file = folder.resolve("tvm.yaml");
      Files.writeString(file, yaml);
      return switch (ConfigurationReader.read(file)) {
        case ConfigurationResult.Read read -> read.configuration();
        case ConfigurationResult.Unusable(List<?> problems) ->
            throw new IllegalStateException("the training file is wrong: " + problems);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the answer says does not matter; that there is one does. */
  private static void ask(HttpClient client, HttpRequest.Builder request)
      throws InterruptedException {
    try {
      client.send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

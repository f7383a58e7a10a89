package tokenvending.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import tokenvending.api.PageFolder;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationReader;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.configuration.ConfigurationResult.Unusable;
import tokenvending.server.http.ClientRules;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.lifecycle.RunningServer;
import tokenvending.server.lifecycle.TokenServiceConnectors;

/**
 * The server in this process, at a port of its own, with a token service that counts. What was
 * minted, and what was put on record, can be asked.
 */
public final class Vendor implements AutoCloseable {
  static final HttpSettings.Limits LIMITS =
      new HttpSettings.Limits(
          200, Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(20));

  /** One rule for everybody, one parameter, one page that may read answers. */
  public static final String OPEN =
      """
      token: { ttl: 15m }
      authentication:
        - open: {}
      parameters:
        name: { max-length: 64, required: false }
      rules:
        - id: everybody
          token-id: "${request.name}"
          permissions:
            - { role: ReadOnly, cache: chat }
      cors: { allow-origins: ["https://chat.example.com"] }
      """;

  /** No limits and no hosts but those of the listener. */
  static final ClientRules RULES = new ClientRules(List.of(), peer -> false, 2_000);

  private static final String AMPLE = "1000/s";
  private static final String OF_THE_LOCAL_MOMENTO = "5/s";
  private static final PageFolder NO_PAGES = PageFolder.missing("No pages here.");

  public final TokenServiceAtLoopback tokenService = new TokenServiceAtLoopback();
  public final RunningServer server;
  private final Path folder;
  private final String budget;
  private final AtomicLong ahead = new AtomicLong();

  private Vendor(
      Path folder,
      String policy,
      HttpSettings.Limits limits,
      PageFolder pages,
      boolean local,
      String budget) {
    this.folder = folder;
    this.budget = budget;
    try {
      Files.writeString(folder.resolve("key"), TokenServiceAtLoopback.apiKey("one"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Configuration configuration = configuration(policy);
    server =
        RunningServer.start(
            configuration,
            new HttpSettings(
                "127.0.0.1",
                0,
                configuration
                    .server()
                    .tls()
                    .map(tls -> new HttpSettings.Tls(tls.certificate(), tls.key())),
                Optional.of(Duration.ofMinutes(5)),
                limits),
            pages,
            "/here/tvm.yaml",
            local,
            TokenServiceConnectors.connector(),
            () -> System.nanoTime() + ahead.get(),
            Map.of());
  }

  public static Vendor start(Path folder, String policy) {
    return start(folder, policy, LIMITS);
  }

  public static Vendor start(Path folder, String policy, HttpSettings.Limits limits) {
    return new Vendor(folder, policy, limits, NO_PAGES, false, AMPLE);
  }

  /** With so little upstream that it matters. */
  public static Vendor start(Path folder, String policy, String budget) {
    return new Vendor(folder, policy, LIMITS, NO_PAGES, false, budget);
  }

  /** With demo pages, where the policy asks for them. */
  public static Vendor start(Path folder, String policy, PageFolder pages) {
    return new Vendor(folder, policy, LIMITS, pages, false, AMPLE);
  }

  /** In local use: with a Momento of its own, so that {@link #minted} counts nothing. */
  public static Vendor startLocal(Path folder, String policy, PageFolder pages) {
    return new Vendor(folder, policy, LIMITS, pages, true, OF_THE_LOCAL_MOMENTO);
  }

  /** Waits until a token can be had: the first connection takes its time on a busy machine. */
  public Vendor ready() {
    try {
      if (!server.awaitReady(reason -> {})) {
        throw new AssertionError("it stops");
      }
      return this;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Moves the server's clock, as it measures intervals and ages, ahead. */
  void elapse(Duration time) {
    ahead.addAndGet(time.toNanos());
  }

  /** The policy with what this server needs besides. */
  public Configuration configuration(String policy) {
    try {
      Path file = Files.writeString(folder.resolve("tvm.yaml"), whole(policy));
      return switch (ConfigurationReader.read(file)) {
        case Read read -> read.configuration();
        case Unusable(var problems) -> throw new AssertionError("no good policy: " + problems);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text of a whole file. */
  String whole(String policy) {
    return policy
        // Tests reject more requests in a row than one client should cause.
        + (policy.contains("limits:") ? "" : "limits: { rejections-per-address: 100000/s }\n")
        + "momento: { api-key: 'file:key', token-service: '"
        + tokenService.uri()
        + "', budget: "
        + budget
        + " }\naudit: { to: 'file:audit.jsonl' }\n";
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  public int port() {
    return server.port();
  }

  /** Sends one request as it is, and reads its answer. */
  Answer ask(String request) {
    try (Wire wire = Wire.to(port())) {
      return wire.send(request).answer();
    }
  }

  /** How many tokens were asked for upstream. */
  int minted() {
    return tokenService.keys().size();
  }

  public List<String> audit() {
    try {
      Path file = folder.resolve("audit.jsonl");
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The audit log once it has so many lines: a refusal does not wait for its own. */
  public List<String> audit(int lines) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (audit().size() < lines) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("fewer than " + lines + " lines: " + audit());
      }
      Thread.onSpinWait();
    }
    return audit();
  }

  @Override
  public void close() {
    tokenService.close();
    server.close();
  }
}

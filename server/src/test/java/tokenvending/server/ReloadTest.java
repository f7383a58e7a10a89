package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tokenvending.application.Application;
import tokenvending.application.RuntimeEnvironment;
import tokenvending.authentication.Argon2Hash;
import tokenvending.secret.Secret;
import tokenvending.server.lifecycle.ServerStateOpener;
import tokenvending.server.lifecycle.TokenServiceConnectors;
import tokenvending.testing.Await;
import tokenvending.testing.DynamoDbProcess;
import tokenvending.testing.RedisProcess;

/**
 * Random edits of the configuration while requests come in. After each one tokens are vended, and
 * over all of them Momento never sees a sixth call in a second.
 */
final class ReloadTest {
  private static final Duration VENDING_AGAIN = Duration.ofSeconds(20);

  /** What a test may leave for a moment: threads of pools that end when they are idle. */
  private static final int SLACK = 12;

  @TempDir private Path folder;
  private final List<AutoCloseable> stores = new ArrayList<>();
  private final TokenServiceAtLoopback momento = new TokenServiceAtLoopback();

  /** Where an edit may put the shared state. */
  enum State {
    MEMORY,
    REDIS,
    DYNAMODB
  }

  @BeforeEach
  void files() throws IOException {
    Files.writeString(folder.resolve("key"), TokenServiceAtLoopback.apiKey("one"));
    Files.writeString(folder.resolve("other-key"), TokenServiceAtLoopback.apiKey("one"));
    String hash = Argon2Hash.of(Secret.of("secret"), new SecureRandom()).text();
    Files.writeString(folder.resolve("users"), "ann: { hash: '" + hash + "' }\n");
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable store : stores) {
      store.close();
    }
    momento.close();
  }

  /**
   * The values that edits choose from, by key of the file. The first of each is where it begins.
   */
  private Map<String, List<String>> values(List<String> states) {
    String service = momento.uri();
    Map<String, List<String>> values = new LinkedHashMap<>();
    values.put("token.ttl", List.of("15m", "30m"));
    values.put("token.within-session", List.of("false", "true"));
    values.put(
        "authentication",
        List.of(
            "[ { open: {} } ]",
            "[ { password: { users: 'file:users' } }, { open: {} } ]",
            "[ { oidc: { issuer: 'http://127.0.0.1:9', audience: a } }, { open: {} } ]",
            "[ { oidc: { issuer: 'http://127.0.0.1:9', audience: [a, b], groups-claim: roles } },"
                + " { open: {} } ]"));
    values.put("parameters", List.of("{}", "{ name: { max-length: 64, required: false } }"));
    values.put(
        "rules",
        List.of(
            "[ { id: all, permissions: [ { role: ReadOnly, cache: chat, item: all } ] } ]",
            "[ { id: all, ttl: 20m, permissions: [ { role: ReadWrite, cache: chat, item: all } ] }"
                + " ]"));
    values.put("limits.per-caller", List.of("100000/m", "200000/m"));
    values.put("limits.per-address", List.of("100000/m", "200000/m"));
    values.put("limits.connections-per-address", List.of("200", "100"));
    values.put("limits.trusted-proxies", List.of("[]", "[127.0.0.1]"));
    values.put("momento.api-key", List.of("'file:key'", "'file:other-key'"));
    values.put("momento.endpoint", List.of("cell.example.com", "other.example.com"));
    values.put("momento.token-service", List.of("'" + service + "'", "'" + service + "/'"));
    values.put("momento.budget", List.of("5/s", "4/s", "3/s"));
    values.put("momento.max-wait", List.of("1s", "2s", "500ms"));
    values.put("state", states);
    values.put("max-instances", List.of("1", "2"));
    values.put("cors.allow-origins", List.of("[]", "['https://a.example.com']", "['*']"));
    values.put("audit.to", List.of("'file:one.jsonl'", "'file:two.jsonl'", "stdout"));
    values.put("server.allowed-hosts", List.of("[]", "[tvm.example.com]"));
    values.put("audit.claims", List.of("[]", "[tenant]"));
    values.put("server.demo-pages", List.of("false", "true"));
    return values;
  }

  private List<String> states(State state) {
    return switch (state) {
      case MEMORY -> List.of("memory");
      case REDIS -> {
        RedisProcess redis = RedisProcess.start(folder).settled();
        stores.add(redis);
        yield List.of(
            "'" + redis.address().reveal() + "'", "'" + redis.address().reveal() + "/1'", "memory");
      }
      case DYNAMODB -> {
        DynamoDbProcess store = DynamoDbProcess.start(folder);
        Map<String, String> properties =
            Map.of(
                "aws.endpointUrl", store.address().toString(),
                "aws.region", "us-west-2",
                "aws.accessKeyId", "AKIDEXAMPLE",
                "aws.secretAccessKey", "example");
        properties.forEach(System::setProperty);
        stores.add(() -> properties.keySet().forEach(System::clearProperty));
        stores.add(store);
        yield List.of("'dynamodb:" + DynamoDbProcess.TABLE + "'", "memory");
      }
    };
  }

  /** An application that is edited: the current one, and those that still end their requests. */
  private final class Edited implements AutoCloseable {
    private final RuntimeEnvironment runtime =
        new RuntimeEnvironment(
                Map.of(),
                new ByteArrayOutputStream(),
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom(),
                TokenServiceConnectors.connector(),
                Optional.empty())
            .with(new ServerStateOpener(Map.of(), InstantSource.system()));

    private final Map<String, List<String>> values;
    private final Map<String, String> chosen = new LinkedHashMap<>();
    private final AtomicReference<Generation> current;

    Edited(Map<String, List<String>> values) {
      this.values = values;
      values.forEach((key, options) -> chosen.put(key, options.getFirst()));
      current =
          new AtomicReference<>(
              new Generation(Application.of(DottedKeys.read(chosen, folder), runtime)));
    }

    /** Changes one key, and closes what the change leaves unused once its requests have ended. */
    String edit(Random random) {
      List<String> keys =
          values.entrySet().stream()
              .filter(options -> options.getValue().size() > 1)
              .map(Map.Entry::getKey)
              .toList();
      return edit(keys.get(random.nextInt(keys.size())), random);
    }

    String edit(String key, Random random) {
      List<String> others =
          values.getOrDefault(key, List.of()).stream()
              .filter(value -> !value.equals(chosen.get(key)))
              .toList();
      String value = others.get(random.nextInt(others.size()));
      chosen.put(key, value);
      Generation before = current.get();
      current.set(new Generation(before.application.with(DottedKeys.read(chosen, folder))));
      await("requests of the previous generation end", () -> before.underWay.get() == 0);
      before.application.closeAllBut(current.get().application);
      return key + ": " + value;
    }

    int vend() {
      while (true) {
        Generation generation = current.get();
        generation.underWay.incrementAndGet();
        try {
          if (generation == current.get()) {
            return Stage.get(generation.application, "", Map.of()).status();
          }
        } finally {
          generation.underWay.decrementAndGet();
        }
      }
    }

    @Override
    public void close() {
      current.get().application.close();
    }
  }

  private static final class Generation {
    private final Application application;
    private final AtomicInteger underWay = new AtomicInteger();

    Generation(Application application) {
      this.application = application;
    }
  }

  @Test
  void an_edit_of_cors_leaves_the_shared_state_in_use() {
    try (Edited edited = new Edited(values(states(State.REDIS)))) {
      await("vending", () -> edited.vend() == 200);
      edited.edit("cors.allow-origins", new Random(1));
      await("vending after an edit of cors", () -> edited.vend() == 200);
    }
  }

  @Test
  @Tag("I8")
  void two_edits_in_a_row_do_not_forget_the_calls_of_the_last_second() {
    try (Edited edited = new Edited(values(states(State.MEMORY)));
        Burst burst = new Burst(edited)) {
      await("vending", () -> burst.vended.get() > 5);
      edited.edit("cors.allow-origins", new Random(1));
      edited.edit("momento.max-wait", new Random(1));
      int before = burst.vended.get();
      await("vending again", () -> burst.vended.get() > before + 5);
    }
    assertThat(momento.mostInASecond()).isLessThanOrEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource(State.class)
  @Tag("I8")
  void any_sequence_of_edits_leaves_it_vending_within_the_budget(State state) {
    long seed = new SecureRandom().nextLong();
    List<String> edits = new ArrayList<>();
    try (Edited edited = new Edited(values(states(state)));
        Burst burst = new Burst(edited)) {
      Random random = new Random(seed);
      for (int i = 0; i < 6; i++) {
        edits.add(edited.edit(random));
        int before = burst.vended.get();
        await("vending, seed " + seed + " after " + edits, () -> burst.vended.get() > before);
        assertThat(momento.mostInASecond()).as("seed %d, %s", seed, edits).isLessThanOrEqualTo(5);
      }
      assertThat(burst.statuses).as("seed %d, %s", seed, edits).containsOnly(200, 503);
    }
  }

  @Test
  void two_hundred_edits_leave_no_thread_descriptor_or_connection_behind() {
    List<String> states = states(State.REDIS);
    run(states, 20, 1);
    long threads = threads();
    long descriptors = descriptors();
    run(states, 200, 2);
    await("threads end", () -> threads() <= threads + SLACK);
    await("descriptors are closed", () -> descriptors() <= descriptors + SLACK);
  }

  private void run(List<String> states, int edits, long seed) {
    Random random = new Random(seed);
    try (Edited edited = new Edited(values(states))) {
      for (int i = 0; i < edits; i++) {
        edited.edit(random);
      }
      await("vending after " + edits + " edits", () -> edited.vend() == 200);
    }
  }

  private static long threads() {
    return Thread.getAllStackTraces().size();
  }

  private static long descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    Await.until(what, VENDING_AGAIN, condition);
  }

  /** Callers that ask all the time, more often than the budget allows. */
  private static final class Burst implements AutoCloseable {
    private final ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
    private final AtomicInteger vended = new AtomicInteger();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> callers = new ArrayList<>();

    Burst(Edited edited) {
      for (int i = 0; i < 8; i++) {
        callers.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      while (!stopped.get()) {
                        int status = edited.vend();
                        statuses.add(status);
                        if (status == 200) {
                          vended.incrementAndGet();
                        } else {
                          Await.pass(Duration.ofMillis(20));
                        }
                      }
                    }));
      }
    }

    @Override
    public void close() {
      stopped.set(true);
      for (Thread caller : callers) {
        try {
          caller.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}

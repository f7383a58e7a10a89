package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.LoggerFactory;
import tokenvending.configuration.SecretReference;
import tokenvending.configuration.StateSettings;
import tokenvending.secret.Secret;
import tokenvending.server.cli.CommandRun;
import tokenvending.server.lifecycle.ServerStateOpener;
import tokenvending.state.SealedEntries;
import tokenvending.state.SharedState;
import tokenvending.testing.Await;
import tokenvending.testing.DynamoDbProcess;
import tokenvending.testing.RedisProcess;
import tokenvending.testing.StoreProcess;

/** Several servers, each a process of its own, by one real store of either kind. */
final class SharedStateTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final int SERVERS = 3;

  @TempDir private static Path folderOfStore;
  private static RedisProcess store;

  @TempDir private Path folder;
  private Map<String, String> environment = Map.of();

  @BeforeAll
  static void start() {
    store = RedisProcess.start(folderOfStore);
  }

  @AfterAll
  static void end() {
    store.close();
  }

  /** One server in a process of its own. */
  private record Running(Process process, int port, Path log) implements AutoCloseable {
    void kill() {
      process.destroyForcibly();
    }

    String said() {
      try {
        return Files.readString(log);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      // One that was stopped does not hear anything else.
      process.destroyForcibly();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private Process launch(String name, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
    command.addAll(Arrays.asList(options));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "tokenvending.server.cli.Main",
            "serve",
            "--config",
            folder.resolve("tvm.yaml").toString(),
            "--port",
            "0"));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(folder.resolve(name).toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private Running ready(String name, Process process) throws IOException {
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("ready: ")) {
          int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).replace("/", ""));
          return new Running(process, port, folder.resolve(name));
        }
      }
    }
    throw new AssertionError("it ended: " + Files.readString(folder.resolve(name)));
  }

  private void write(String state, TokenServiceAtLoopback upstream) throws IOException {
    Files.writeString(folder.resolve("key"), TokenServiceAtLoopback.apiKey("one"));
    Files.writeString(
        folder.resolve("tvm.yaml"),
        """
        token: { ttl: 15m }
        authentication: [ { open: {} } ]
        rules:
          - id: everybody
            permissions: [ { role: ReadOnly, cache: chat } ]
        momento: { api-key: "file:key", token-service: "%s" }
        audit: { to: "file:audit.jsonl" }
        """
                .formatted(upstream.uri())
            + state);
  }

  /** People who ask one server for ever, and count what they were answered, by status. */
  private static void startCallers(
      int port, int count, AtomicBoolean over, AtomicIntegerArray statuses) {
    for (int i = 0; i < count; i++) {
      var _ =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!over.get()) {
                      try (Wire wire = Wire.to(port)) {
                        statuses.incrementAndGet(wire.send(GET).answer().status());
                      } catch (UncheckedIOException e) {
                        // It was killed, or is stopped.
                      }
                      Await.pass(Duration.ofMillis(50));
                    }
                  });
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @Tag("I8")
  void budget_is_not_exceeded_whoever_is_killed_or_stopped() throws Exception {
    try (TokenServiceAtLoopback upstream = new TokenServiceAtLoopback();
        RedisProcess own = RedisProcess.start(folder)) {
      write("state: %s\nmax-instances: 3\n".formatted(own.address().reveal()), upstream);
      isNotExceeded(upstream, 4, own);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @Tag("I8")
  void budget_is_not_exceeded_by_a_table_whoever_is_killed_or_stopped() throws Exception {
    try (TokenServiceAtLoopback upstream = new TokenServiceAtLoopback();
        DynamoDbProcess own = DynamoDbProcess.start(folder)) {
      environment = own.environment();
      write("state: dynamodb:%s\nmax-instances: 3\n".formatted(DynamoDbProcess.TABLE), upstream);
      isNotExceeded(upstream, 2, own);
    }
  }

  /**
   * Several servers with so many people each, of whom one is killed, one stopped, and the store
   * both.
   */
  private void isNotExceeded(TokenServiceAtLoopback upstream, int people, StoreProcess store)
      throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicIntegerArray statuses = new AtomicIntegerArray(600);
    List<Process> launched = new ArrayList<>();
    List<Running> servers = new ArrayList<>();
    try {
      for (int i = 0; i < SERVERS; i++) {
        launched.add(launch("log-" + i));
      }
      for (int i = 0; i < SERVERS; i++) {
        servers.add(ready("log-" + i, launched.get(i)));
        startCallers(servers.get(i).port(), people, over, statuses);
      }
      awaitCalls(upstream, 8);

      servers.get(0).kill();
      awaitCalls(upstream, 6);

      StoreProcess.signal(launched.get(1), "STOP");
      Await.pass(Duration.ofSeconds(2));
      StoreProcess.signal(launched.get(1), "CONT");
      awaitCalls(upstream, 6);

      store.stop();
      Await.until(
          "it is told", () -> servers.get(2).said().contains("the shared state is unavailable"));
      // On his own each has one in a second.
      awaitCalls(upstream, 4);
      store.goOn();
      awaitCalls(upstream, 6);

      store.kill();
      store.startAgain();
      awaitCalls(upstream, 6);

      over.set(true);
      assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
      assertThat(statuses.get(200)).isGreaterThan(30);
      for (int status = 0; status < statuses.length(); status++) {
        if (status != 200 && status != 503) {
          assertThat(statuses.get(status)).as("answers with %d", status).isZero();
        }
      }
    } finally {
      over.set(true);
      servers.forEach(Running::close);
      launched.forEach(Process::destroyForcibly);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @Tag("I8")
  void servers_that_do_not_know_how_many_they_are_vend_nothing_while_the_store_is_away()
      throws Exception {
    List<Process> launched = new ArrayList<>();
    try (TokenServiceAtLoopback upstream = new TokenServiceAtLoopback();
        RedisProcess own = RedisProcess.start(folder)) {
      write("state: %s\n".formatted(own.address().reveal()), upstream);
      launched.add(launch("log-0"));
      launched.add(launch("log-1"));
      try (Running one = ready("log-0", launched.get(0));
          Running two = ready("log-1", launched.get(1))) {
        List<Runnable> losses = List.of(own::stop, own::kill);
        List<Runnable> returns = List.of(own::goOn, own::startAgain);
        for (int i = 0; i < losses.size(); i++) {
          for (Running server : List.of(one, two)) {
            Await.until("a token", () -> ask(server).status() == 200);
          }
          losses.get(i).run();
          int losing = i + 1;
          for (Running server : List.of(one, two)) {
            Await.until(
                "it is told",
                () ->
                    server.said().split("the shared state is unavailable", -1).length > losing
                        && ask(server).status() == 503);
          }
          int minted = upstream.keys().size();
          for (int asked = 0; asked < 10; asked++) {
            Answer answer = ask(asked % 2 == 0 ? one : two);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(1, 10);
            assertThat(answer.body()).contains("temporarily-unavailable");
          }
          assertThat(upstream.keys()).hasSize(minted);
          returns.get(i).run();
        }
        for (Running server : List.of(one, two)) {
          Await.until("a token", () -> ask(server).status() == 200);
          assertThat(server.said()).contains("the shared state is reachable");
        }
        assertThat(upstream.mostInASecond()).isLessThanOrEqualTo(5);
      }
    } finally {
      launched.forEach(Process::destroyForcibly);
    }
  }

  private static void awaitCalls(TokenServiceAtLoopback upstream, int more) {
    int seen = upstream.keys().size();
    Await.until(more + " more calls", () -> upstream.keys().size() >= seen + more);
  }

  @Test
  void token_that_one_server_minted_is_handed_out_by_another() throws IOException {
    String policy =
        Vendor.OPEN.replace("token-id: \"${request.name}\"", "reuse: everyone")
            + "state: "
            + store.address().reveal()
            + "\n";
    try (Vendor one = Vendor.start(Files.createDirectory(folder.resolve("one")), policy).ready();
        Vendor two = Vendor.start(Files.createDirectory(folder.resolve("two")), policy).ready()) {
      store.settled();
      assertThat(one.ask(GET).status()).isEqualTo(200);
      Await.until("it is kept", () -> entries() == 1);
      assertThat(two.ask(GET).status()).isEqualTo(200);

      assertThat(one.minted()).isEqualTo(1);
      assertThat(two.minted()).isZero();
      assertThat(two.audit()).singleElement().asString().contains("\"reused\":true");
    }
  }

  private static int entries() {
    return Integer.parseInt(store.say("KEYS {tvm}:entry:*").substring(1));
  }

  private static Answer ask(Running server) {
    try (Wire wire = Wire.to(server.port())) {
      return wire.send(GET).answer();
    }
  }

  @Test
  void client_of_a_store_and_meters_are_loaded_only_where_the_file_asks_for_them()
      throws Exception {
    try (TokenServiceAtLoopback upstream = new TokenServiceAtLoopback()) {
      write("state: memory\n", upstream);
      Path loaded = folder.resolve("loaded");
      Process process = launch("log", "-Xlog:class+load:file=" + loaded);
      try (Running server = ready("log", process)) {
        assertThat(ask(server).status()).isEqualTo(200);
      } finally {
        process.destroyForcibly();
      }

      assertThat(Files.readString(loaded))
          .contains(
              "tokenvending.server.lifecycle.ServerStateOpener",
              "tokenvending.budget.MemoryBudgetQueue")
          .doesNotContain(
              "io.lettuce.",
              "tokenvending.redis.",
              "software.amazon.awssdk.",
              "tokenvending.aws.DynamoDb",
              "tokenvending.aws.Table")
          .doesNotContain(
              "io.micrometer.prometheusmetrics.",
              "io.prometheus.",
              "tokenvending.metrics.Registry");
    }
  }

  @Test
  void state_that_this_program_cannot_open_is_2_with_its_line() throws Exception {
    try (TokenServiceAtLoopback upstream = new TokenServiceAtLoopback()) {
      write("state: dynamodb\n", upstream);
      String file = folder.resolve("tvm.yaml").toString();
      CommandRun serve = CommandRun.line("serve", "--config", file, "--port", "0");
      CommandRun vend = CommandRun.line("vend", "--config", file);

      for (CommandRun run : List.of(serve, vend)) {
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("tvm.yaml:8:1: error: state: ");
      }
      assertThat(upstream.keys()).isEmpty();
    }
  }

  @Test
  void address_in_a_variable_that_is_none_is_told_without_repeating_it() {
    ServerStateOpener stores =
        new ServerStateOpener(Map.of("STORE", "hunter2"), InstantSource.system());
    StateSettings settings = new StateSettings.RedisAt(new SecretReference.Environment("STORE"));

    assertThat(stores.configurationError(settings))
        .hasValueSatisfying(
            why -> assertThat(why).contains("STORE", "redis://HOST").doesNotContain("hunter2"));
    assertThat(stores.configurationError(new StateSettings.Memory())).isEqualTo(Optional.empty());
  }

  @Test
  @Tag("T4")
  void password_of_a_store_is_in_no_line_of_any_log() {
    String password = "st0remarkKj7Gh3Df9Sa1";
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.setContext(context);
    said.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    try (RedisProcess closed = RedisProcess.start(folder, "--requirepass", password)) {
      root.addAppender(said);
      root.setLevel(Level.TRACE);
      for (String shown : List.of(password + "x", password)) {
        Secret address = Secret.of("redis://:" + shown + "@127.0.0.1:" + closed.port());
        ServerStateOpener stores =
            new ServerStateOpener(Map.of("STORE", address.reveal()), InstantSource.system());
        StateSettings settings =
            new StateSettings.RedisAt(new SecretReference.Environment("STORE"));
        assertThat(stores.configurationError(settings)).isEmpty();
        try (SharedState state = stores.open(settings, System::nanoTime)) {
          // The first answer is slow, with every library at its chattiest.
          assertThat(state.entries().find("name")).isEmpty();
          if (shown.equals(password)) {
            Await.until("it is reached", () -> keeps(state.entries()));
          }
          assertThat(state.toString() + settings).doesNotContain("st0remark");
        }
      }
    } finally {
      root.setLevel(before);
      root.detachAppender(said);
    }

    assertThat(said.list).anyMatch(line -> line.getLoggerName().startsWith("io.lettuce"));
    assertThat(said.list).anyMatch(line -> line.getLoggerName().startsWith("tokenvending"));
    for (ILoggingEvent line : List.copyOf(said.list)) {
      String text =
          line.getFormattedMessage()
              + line.getKeyValuePairs()
              + (line.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(line.getThrowableProxy()));
      assertThat(text).as(line.getLoggerName()).doesNotContain("st0remark");
    }
  }

  private static boolean keeps(SealedEntries entries) {
    entries.put("name", new byte[] {1}, Duration.ofMinutes(1));
    return entries.find("name").isPresent();
  }

  @Test
  void vend_command_takes_its_turn_in_the_shared_line() throws Exception {
    try (TokenServiceAtLoopback upstream = new TokenServiceAtLoopback()) {
      store.settled();
      write("state: " + store.address().reveal() + "\n", upstream);
      CommandRun run = CommandRun.line("vend", "--config", folder.resolve("tvm.yaml").toString());

      assertThat(run.code()).isZero();
      assertThat(store.say("ZCARD {tvm}:queue:slots")).isEqualTo(":1");
    }
  }
}

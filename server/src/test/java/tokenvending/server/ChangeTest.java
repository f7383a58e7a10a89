package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.authentication.Argon2Hash;
import tokenvending.secret.Secret;
import tokenvending.server.http.HttpSettings;
import tokenvending.server.lifecycle.PolicyWatch;
import tokenvending.testing.Await;

/** What changes while requests come in: the file, the users, the key; and the end. */
final class ChangeTest {
  /** Less than the half minute after which a key is read again in any case. */
  private static final Duration SOON = Duration.ofSeconds(20);

  private static final String VEND = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final HttpSettings.Limits PATIENT =
      new HttpSettings.Limits(
          200, Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(20));

  @TempDir private Path folder;

  @Test
  void a_changed_file_takes_effect_without_a_failed_request() throws IOException {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN, PATIENT);
        PolicyWatch watch = watch(vendor);
        Load load = Load.on(vendor)) {
      for (String cache : List.of("two", "three", "four")) {
        write(vendor, Vendor.OPEN.replace("cache: chat", "cache: " + cache));
        Await.until(
            "it happens", () -> vendor.ask(VEND).body().contains("ReadOnly cache=" + cache + "\""));
      }
      assertThat(watch).isNotNull();
      assertThat(load.stop()).isNotEmpty().containsOnly(200);
    }
  }

  @Test
  void a_broken_file_changes_nothing_until_it_is_good_again() throws IOException {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN, PATIENT);
        PolicyWatch watch = watch(vendor);
        Load load = Load.on(vendor)) {
      write(vendor, Vendor.OPEN.replace("role: ReadOnly", "role: ReadOnyl"));
      Await.until("it is read", () -> vendor.server.policy().now().problem().isPresent());
      assertThat(vendor.ask(VEND).body()).contains("ReadOnly cache=chat\"");
      write(vendor, Vendor.OPEN.replace("cache: chat", "cache: repaired"));
      Await.until(
          "it happens", () -> vendor.ask(VEND).body().contains("ReadOnly cache=repaired\""));
      assertThat(watch).isNotNull();
      assertThat(load.stop()).isNotEmpty().containsOnly(200);
    }
  }

  @Test
  void a_narrower_file_holds_for_connections_that_were_open_before() throws IOException {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN, PATIENT);
        Wire wire = Wire.to(vendor.port())) {
      assertThat(wire.send(VEND).answer().status()).isEqualTo(200);
      vendor.server.change(
          vendor.configuration(
              Vendor.OPEN
                  .replace("- open: {}", "- password: { users: 'file:users' }")
                  .replace("${request.name}", "${subject}")));
      int before = vendor.minted();
      assertThat(wire.send(VEND).answer().status()).isEqualTo(401);
      assertThat(vendor.minted()).isEqualTo(before);
    }
  }

  @Test
  void users_change_without_a_restart_and_a_broken_file_of_them_locks_nobody_out()
      throws IOException {
    replace(folder.resolve("users"), "ann: { hash: '" + hash("first") + "' }\n");
    String policy =
        Vendor.OPEN
            .replace("- open: {}", "- password: { users: 'file:users' }")
            .replace("${request.name}", "${subject}");
    try (Vendor vendor = Vendor.start(folder, policy, PATIENT)) {
      assertThat(signIn(vendor, "first")).isEqualTo(200);
      replace(folder.resolve("users"), "ann: { hash: [");
      vendor.elapse(Duration.ofSeconds(2));
      assertThat(signIn(vendor, "first")).isEqualTo(200);
      replace(folder.resolve("users"), "ann: { hash: '" + hash("second") + "' }\n");
      Await.until("it happens", SOON, () -> signIn(vendor, "second") == 200);
      int before = vendor.minted();
      assertThat(signIn(vendor, "first")).isEqualTo(401);
      assertThat(vendor.minted()).isEqualTo(before);
    }
  }

  private static String hash(String password) {
    return Argon2Hash.of(Secret.of(password), new SecureRandom()).text();
  }

  private static int signIn(Vendor vendor, String password) {
    String headers = "username: ann\r\npassword: " + password + "\r\n";
    return vendor.ask("GET / HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n").status();
  }

  @Test
  void a_key_that_is_replaced_fails_no_vend_and_is_forgotten() throws IOException {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN, PATIENT);
        Load load = Load.on(vendor)) {
      Await.until("it happens", SOON, () -> vendor.minted() > 5);
      vendor.tokenService.accept("one", "two");
      replace(vendor.file("key"), TokenServiceAtLoopback.apiKey("two"));
      // A refused key is read again, but not twice within a second.
      vendor.elapse(Duration.ofSeconds(2));
      vendor.tokenService.accept("two");
      Await.until("it happens", SOON, () -> vendor.tokenService.keys().contains("two"));
      int seen = vendor.tokenService.keys().size();
      Await.until("it happens", SOON, () -> vendor.tokenService.keys().size() > seen + 20);
      List<String> keys = vendor.tokenService.keys();
      assertThat(keys.subList(seen + 5, keys.size())).containsOnly("two");
      assertThat(load.stop()).isNotEmpty().containsOnly(200);
    }
  }

  @Test
  void what_is_in_flight_at_the_end_is_answered() throws InterruptedException {
    Vendor vendor = Vendor.start(folder, Vendor.OPEN, PATIENT);
    try (vendor) {
      assertThat(vendor.ask(VEND).status()).isEqualTo(200);
      CompletableFuture<Void> gate = vendor.tokenService.hold();
      int before = vendor.minted();
      List<Wire> waiting = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        waiting.add(Wire.to(vendor.port()).send(VEND));
      }
      Await.until("it happens", SOON, () -> vendor.minted() == before + 50);
      Thread stopping = Thread.ofVirtual().start(vendor.server::close);
      Await.until("it happens", SOON, () -> ready(vendor) == 503);
      int during = vendor.minted();
      Answer late = vendor.ask(VEND);
      assertThat(late.status()).isEqualTo(503);
      assertThat(Integer.parseInt(late.header("retry-after"))).isPositive();
      assertThat(vendor.minted()).isEqualTo(during);
      gate.complete(null);
      for (Wire wire : waiting) {
        try (wire) {
          assertThat(wire.answer().status()).isEqualTo(200);
        }
      }
      assertThat(stopping.join(Duration.ofSeconds(15))).isTrue();
    }
  }

  @Test
  void who_waits_for_a_server_that_stops_is_told_that_it_will_not_be_ready()
      throws InterruptedException, ExecutionException, TimeoutException {
    String policy =
        Vendor.OPEN
            .replace("- open: {}", "- password: { users: 'file:users' }")
            .replace("${request.name}", "${subject}");
    CompletableFuture<String> reason = new CompletableFuture<>();
    CompletableFuture<Boolean> ready = new CompletableFuture<>();
    try (Vendor vendor = Vendor.start(folder, policy, PATIENT)) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  ready.complete(vendor.server.awaitReady(reason::complete));
                } catch (InterruptedException e) {
                  ready.completeExceptionally(e);
                }
              });
      assertThat(reason.get(20, TimeUnit.SECONDS)).contains("users");
    }
    assertThat(ready.get(20, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void a_server_that_stops_does_not_become_ready() throws InterruptedException {
    List<String> reasons = new ArrayList<>();
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN, PATIENT)) {
      assertThat(vendor.server.awaitReady(reasons::add)).isTrue();
      reasons.clear();
      vendor.server.close();
      assertThat(vendor.server.awaitReady(reasons::add)).isFalse();
      assertThat(reasons).isEmpty();
    }
  }

  @Test
  @Tag("T15")
  void T15_where_the_record_cannot_be_written_nobody_gets_a_token() throws IOException {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN, PATIENT)) {
      Files.createDirectory(vendor.file("audit.jsonl"));
      Answer answer = vendor.ask(VEND);
      assertThat(answer.status()).isEqualTo(503);
      assertThat(Integer.parseInt(answer.header("retry-after"))).isPositive();
      assertThat(answer.body()).doesNotContain("authToken");
      Files.delete(vendor.file("audit.jsonl"));
      Await.until("it happens", SOON, () -> vendor.ask(VEND).status() == 200);
    }
  }

  @Test
  void addresses_are_limited_by_network_and_proxies_are_believed_only_where_trusted() {
    String limited = Vendor.OPEN + "limits: { per-address: 2/m, trusted-proxies: [127.0.0.1] }\n";
    try (Vendor vendor = Vendor.start(folder, limited, PATIENT)) {
      assertThat(statuses(vendor, "2001:db8::1", "2001:db8::2", "2001:db8::3"))
          .containsExactly(200, 200, 429);
      assertThat(statuses(vendor, "2001:db8:0:1::1", "192.0.2.1", "192.0.2.2"))
          .containsExactly(200, 200, 200);
      int before = vendor.minted();
      Answer refused = vendor.ask(from("9.9.9.9, 2001:db8::4"));
      assertThat(refused.status()).isEqualTo(429);
      assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(1, 60);
      assertThat(vendor.minted()).isEqualTo(before);
    }
  }

  @Test
  void a_proxy_that_is_no_longer_trusted_is_not_believed_on_an_open_connection_either() {
    String limited = Vendor.OPEN + "limits: { per-address: 2/m, trusted-proxies: %s }\n";
    try (Vendor vendor = Vendor.start(folder, limited.formatted("[127.0.0.1]"), PATIENT);
        Wire wire = Wire.to(vendor.port())) {
      assertThat(wire.send(from("192.0.2.1")).answer().status()).isEqualTo(200);
      vendor.server.change(vendor.configuration(limited.formatted("[]")));
      List<Integer> statuses = new ArrayList<>();
      for (String address : List.of("192.0.2.2", "192.0.2.3", "192.0.2.4")) {
        statuses.add(wire.send(from(address)).answer().status());
      }
      assertThat(statuses).containsExactly(200, 200, 429);
    }
  }

  @Test
  void a_stranger_cannot_say_that_he_calls_from_elsewhere() {
    try (Vendor vendor =
        Vendor.start(folder, Vendor.OPEN + "limits: { per-address: 2/m }\n", PATIENT)) {
      assertThat(statuses(vendor, "192.0.2.1", "192.0.2.2", "192.0.2.3"))
          .containsExactly(200, 200, 429);
      assertThat(vendor.minted()).isEqualTo(2);
    }
  }

  private static List<Integer> statuses(Vendor vendor, String... from) {
    List<Integer> statuses = new ArrayList<>();
    for (String address : from) {
      statuses.add(vendor.ask(from(address)).status());
    }
    return statuses;
  }

  private static String from(String address) {
    return "GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: " + address + "\r\n\r\n";
  }

  private static int ready(Vendor vendor) {
    return vendor.ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").status();
  }

  private static PolicyWatch watch(Vendor vendor) {
    return PolicyWatch.start(
        vendor.file("tvm.yaml"), read -> List.of(), vendor.server::change, vendor.server.policy());
  }

  private static void write(Vendor vendor, String policy) throws IOException {
    replace(vendor.file("tvm.yaml"), vendor.whole(policy));
  }

  /** As a careful editor does: nobody ever sees half a file. */
  private static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** One client that asks without end; what it was answered. */
  private static final class Load implements AutoCloseable {
    private final ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread;

    private Load(Vendor vendor) {
      thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!stopped.get()) {
                      statuses.add(vendor.ask(VEND).status());
                      Await.pass(Duration.ofMillis(20));
                    }
                  });
    }

    static Load on(Vendor vendor) {
      return new Load(vendor);
    }

    List<Integer> stop() {
      stopped.set(true);
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return List.copyOf(statuses);
    }

    @Override
    public void close() {
      stop();
    }
  }
}

package tokenvending.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.SslOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.BudgetQueue.AcquireRequest;
import tokenvending.budget.BudgetQueue.Poll;
import tokenvending.limits.Rate;
import tokenvending.limits.RateCounters.Charge;
import tokenvending.limits.RateCounters.Counted;
import tokenvending.secret.Secret;
import tokenvending.testing.Await;
import tokenvending.testing.Instance;
import tokenvending.testing.Keytool;
import tokenvending.testing.RedisProcess;

/** Addresses with TLS, users and passwords, before a real store that asks for them. */
final class StoreAddressTest {
  private static final String PASSWORD = "p@:/%+ ü";
  private static final String ENCODED_PASSWORD = "p%40%3A%2F%25%2B%20%C3%BC";

  /** What docs/operations.md says that a user needs, and no more. */
  private static final String RIGHTS =
      "~{tvm}:* +evalsha +script|load +info +time +exists +del +get +set +@hash +@sortedset";

  @TempDir private static Path folder;
  private static SslOptions trusting;
  private static RedisProcess store;
  private static int tlsPort;

  @BeforeAll
  static void start() throws IOException, InterruptedException, GeneralSecurityException {
    Path certificate = folder.resolve("cert.pem");
    Path key = folder.resolve("key.pem");
    KeyStore keys = Keytool.selfSigned(folder, "store", "-ext", "san=dns:localhost");
    Files.writeString(certificate, Keytool.certificate(keys));
    Files.writeString(key, Keytool.key(keys));
    trusting = SslOptions.builder().trustManager(certificate.toFile()).build();
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      tlsPort = free.getLocalPort();
    }
    store =
        RedisProcess.start(
            folder,
            "--tls-port",
            Integer.toString(tlsPort),
            "--tls-cert-file",
            certificate.toString(),
            "--tls-key-file",
            key.toString(),
            "--tls-auth-clients",
            "no");
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(PASSWORD.getBytes(UTF_8));
    assertThat(store.say("ACL SETUSER ann on #" + HexFormat.of().formatHex(hash) + " " + RIGHTS))
        .isEqualTo("+OK");
    store.settled();
  }

  @AfterAll
  static void end() {
    store.close();
  }

  private static RedisState open(String address, SslOptions trust) {
    assertThat(RedisState.problem(Secret.of(address))).isEmpty();
    return RedisState.open(
        Secret.of(address), "{tvm}:", trust, PretendedTime.IN_NO_HURRY, System::nanoTime);
  }

  /** Every command that there is. */
  private static void isOfUse(RedisState state) {
    Instance.awaitReachable(state);
    BudgetQueue queue = state.queue();
    BudgetCaller ann = new BudgetCaller("ann", false);
    AcquireRequest request =
        new AcquireRequest(
            ann, "t", Duration.ZERO, Duration.ofSeconds(2), 0, false, Instance.TERMS);
    // Where the first connection took too long, the queue is closed for a while.
    Await.until("a permit", () -> queue.poll(request) instanceof Poll.Granted);
    queue.answered("t", BudgetQueue.Answer.RATE_LIMITED, Instance.TERMS);
    queue.release("t");
    queue.leave("t");
    state.entries().put("name", new byte[] {1}, Duration.ofMinutes(1));
    Charge charge = new Charge("ann", new Rate(1_000, Duration.ofSeconds(1)));
    assertThat(state.counters().count(List.of(charge))).isEqualTo(new Counted.Admitted());
    assertThat(state.entries().find("name")).hasValue(new byte[] {1});
    assertThat(queue.status(Instance.TERMS)).isPresent();
  }

  private static void isOfNoUse(RedisState state) {
    assertThat(state.queue().status(Instance.TERMS)).isEmpty();
    Await.pass(Duration.ofMillis(600));
    assertThat(state.queue().status(Instance.TERMS)).isEmpty();
  }

  @Test
  void store_is_reached_over_tls_as_a_user_with_no_more_rights_than_are_needed() {
    String address = "rediss://ann:" + ENCODED_PASSWORD + "@localhost:" + tlsPort;
    try (RedisState state = open(address, trusting)) {
      isOfUse(state);
    }
  }

  @Test
  @Tag("T4")
  void store_that_nobody_vouches_for_is_not_reached() {
    try (RedisState state = open("rediss://localhost:" + tlsPort, SslOptions.create())) {
      isOfNoUse(state);
    }
  }

  @Test
  @Tag("T4")
  void store_under_another_name_than_its_certificate_is_not_reached() {
    try (RedisState state = open("rediss://127.0.0.1:" + tlsPort, trusting)) {
      isOfNoUse(state);
    }
  }

  @Test
  void store_that_asks_for_tls_is_not_reached_without() {
    try (RedisState state = open("redis://localhost:" + tlsPort, SslOptions.create())) {
      isOfNoUse(state);
    }
  }

  @Test
  void other_database_is_another_store() {
    String address = "redis://127.0.0.1:" + store.port();
    try (RedisState first = open(address, SslOptions.create());
        RedisState other = open(address + "/3", SslOptions.create())) {
      Instance.awaitReachable(first);
      Instance.awaitReachable(other);
      first.entries().put("mine", new byte[] {1}, Duration.ofMinutes(1));

      assertThat(first.entries().find("mine")).isPresent();
      assertThat(other.entries().find("mine")).isEqualTo(Optional.empty());
    }
  }
}

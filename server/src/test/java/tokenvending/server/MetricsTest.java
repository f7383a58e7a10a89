package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.configuration.Configuration;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.testing.Await;
import tokenvending.testing.RedisProcess;

/** What {@code GET /metrics} says of a server that works. */
final class MetricsTest {
  static final String POLICY = Vendor.OPEN + "server: { management-port: 0 }\n";
  private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String UNREADABLE =
      "GET /?nobody=declared HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir private Path folder;

  private static String vends(String outcome, String rule, boolean reused) {
    return "tvm_vends_total{outcome=%s, reused=%s, rule=%s}".formatted(outcome, reused, rule);
  }

  private static String calls(String status) {
    return "tvm_upstream_call_duration_seconds_count{status=" + status + "}";
  }

  private static String waits(String turn) {
    return "tvm_budget_wait_seconds_count{result=" + turn + "}";
  }

  @Test
  void requests_are_counted_one_by_one() {
    String policy =
        POLICY
            .replace("  - id: everybody", "  - id: everybody\n    reuse: everyone")
            .replace("    token-id: \"${request.name}\"\n", "");
    try (Vendor vendor = Vendor.start(folder, policy).ready()) {
      for (int i = 0; i < 5; i++) {
        assertThat(vendor.ask(GET).status()).isEqualTo(200);
      }
      for (int i = 0; i < 3; i++) {
        assertThat(vendor.ask(UNREADABLE).status()).isEqualTo(400);
      }

      Scrape scrape = Scrape.of(vendor);
      assertThat(scrape.value(vends("vended", "everybody", false))).isEqualTo(1);
      assertThat(scrape.value(vends("vended", "everybody", true))).isEqualTo(4);
      assertThat(scrape.value(vends("malformed-request", "(none)", false))).isEqualTo(3);
      assertThat(scrape.value(calls("succeeded"))).isEqualTo(1).isEqualTo(vendor.minted());
      assertThat(
              scrape.value("tvm_upstream_call_duration_seconds_bucket{le=+Inf, status=succeeded}"))
          .isEqualTo(1);
      assertThat(scrape.value("tvm_upstream_call_duration_seconds_sum{status=succeeded}"))
          .isBetween(0.000_1, 4.0);
      // A turn that a slow first call lets lapse is granted once more.
      assertThat(scrape.value(waits("granted"))).isBetween(1.0, 3.0);
      assertThat(scrape.value("tvm_ready")).isEqualTo(1);
      assertThat(scrape.value("tvm_circuit_breaker_open")).isZero();
      assertThat(scrape.has("tvm_state_reachable")).isFalse();
      assertThat(scrape.types())
          .containsEntry("tvm_vends_total", "counter")
          .containsEntry("tvm_upstream_call_duration_seconds", "histogram")
          .containsEntry("tvm_budget_free_slots", "gauge");
    }
  }

  @Test
  @Tag("T4")
  void nothing_of_a_request_becomes_a_label() {
    try (Vendor vendor = Vendor.start(folder, POLICY).ready()) {
      int before = Scrape.of(vendor).series("tvm_vends_total").size();
      for (String hostile : List.of("canary-1", "canary%22%7D%201%0A", "%E2%80%AEcanary")) {
        vendor.ask("GET /?name=" + hostile + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        vendor.ask("GET /?canary=" + hostile + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        vendor.ask("GET /canary-" + hostile + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        vendor.ask(
            "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer canary"
                + hostile
                + "\r\nX-Forwarded-For: canary\r\n\r\n");
      }

      Scrape scrape = Scrape.of(vendor);
      assertThat(scrape.series("tvm_vends_total")).hasSize(before);
      assertThat(scrape.labels().keySet())
          .allSatisfy(
              name -> assertThat(scrape.series(name)).noneMatch(one -> one.contains("canary")));
    }
  }

  @Test
  void a_changed_file_brings_its_rules_and_takes_the_old_ones_away() {
    try (Vendor vendor = Vendor.start(folder, POLICY).ready()) {
      assertThat(vendor.ask(GET).status()).isEqualTo(200);
      assertThat(Scrape.of(vendor).series("tvm_policy_info")).hasSize(1);
      String version = Scrape.of(vendor).series("tvm_policy_info").iterator().next();

      vendor.server.change(vendor.configuration(POLICY.replace("id: everybody", "id: guests")));
      assertThat(vendor.ask(GET).status()).isEqualTo(200);

      Scrape scrape = Scrape.of(vendor);
      assertThat(scrape.value(vends("vended", "guests", false))).isEqualTo(1);
      assertThat(scrape.series("tvm_vends_total")).noneMatch(one -> one.contains("everybody"));
      assertThat(scrape.series("tvm_policy_info")).hasSize(1).doesNotContain(version);
      assertThat(scrape.value(calls("succeeded"))).isEqualTo(2);

      vendor.server.change(vendor.configuration(POLICY));
      assertThat(Scrape.of(vendor).series("tvm_policy_info")).containsExactly(version);
    }
  }

  @Test
  void a_line_is_seen_while_it_stands() {
    AtomicBoolean over = new AtomicBoolean();
    try (Vendor vendor = Vendor.start(folder, POLICY, "1/s").ready()) {
      assertThat(Scrape.of(vendor).value("tvm_budget_free_slots")).isEqualTo(1);
      for (int i = 0; i < 4; i++) {
        var _ =
            Thread.ofVirtual()
                .start(
                    () -> {
                      while (!over.get()) {
                        vendor.ask(GET);
                      }
                    });
      }
      Await.until(
          "somebody waits",
          () -> {
            Scrape scrape = Scrape.of(vendor);
            return scrape.value("tvm_budget_waiting_requests") >= 1
                && scrape.value("tvm_budget_queue_positions")
                    >= scrape.value("tvm_budget_waiting_requests")
                && scrape.value("tvm_budget_free_slots") == 0
                && scrape.value("tvm_budget_expected_wait_seconds") > 0
                && scrape.value("tvm_budget_slots") == 1;
          });
      Await.until("a caller is rejected", () -> Scrape.of(vendor).value(waits("rejected")) >= 1);
      over.set(true);
      Await.until(
          "all are answered", () -> Scrape.of(vendor).value("tvm_budget_waiting_requests") == 0);

      Scrape scrape = Scrape.of(vendor);
      assertThat(scrape.value(waits("granted"))).isGreaterThanOrEqualTo(vendor.minted());
      assertThat(scrape.value(calls("succeeded"))).isEqualTo(vendor.minted());
      assertThat(scrape.value(vends("temporarily-unavailable", "everybody", false)))
          .isEqualTo(scrape.value(waits("rejected")));
    } finally {
      over.set(true);
    }
  }

  @Test
  void a_refused_key_is_no_refused_request() {
    try (Vendor vendor = Vendor.start(folder, POLICY).ready()) {
      vendor.tokenService.accept();
      assertThat(vendor.ask(GET).status()).isEqualTo(502);

      Scrape scrape = Scrape.of(vendor);
      assertThat(scrape.value(calls("api-key-rejected"))).isEqualTo(vendor.minted());
      assertThat(scrape.value(calls("request-rejected"))).isZero();
      assertThat(scrape.value(vends("upstream-fault", "everybody", false))).isEqualTo(1);
    }
  }

  @Test
  void a_service_out_of_reach_opens_the_breaker() {
    try (Vendor vendor = Vendor.start(folder, POLICY).ready()) {
      Configuration other = vendor.configuration(POLICY + "max-instances: 3\n");
      vendor.tokenService.close();
      // Three attempts, then two until the fifth failure in a row.
      for (int i = 0; i < 2; i++) {
        assertThat(vendor.ask(GET).status()).isEqualTo(503);
      }

      Scrape scrape = Scrape.of(vendor);
      assertThat(scrape.value("tvm_circuit_breaker_open")).isEqualTo(1);
      assertThat(scrape.value("tvm_circuit_breaker_openings_total")).isEqualTo(1);
      assertThat(scrape.value(calls("unavailable"))).isEqualTo(5);
      assertThat(scrape.value(vends("temporarily-unavailable", "everybody", false))).isEqualTo(2);
      assertThat(vendor.minted()).isZero();

      // Another way to the service has a breaker of its own, which is closed.
      vendor.server.change(other);
      assertThat(Scrape.of(vendor).value("tvm_circuit_breaker_open")).isZero();
    }
  }

  @Test
  void a_shared_state_that_goes_away_is_seen_and_so_is_its_return() throws IOException {
    try (RedisProcess store = RedisProcess.start(Files.createDirectory(folder.resolve("store")))) {
      store.settled();
      String policy = POLICY + "state: " + store.address().reveal() + "\nmax-instances: 1\n";
      try (Vendor vendor = Vendor.start(folder, policy).ready()) {
        Await.until("it is there", () -> Scrape.of(vendor).value("tvm_state_reachable") == 1);
        assertThat(Scrape.of(vendor).value("tvm_budget_slots")).isEqualTo(1_000);

        store.stop();
        Await.until("it is away", () -> Scrape.of(vendor).value("tvm_state_reachable") == 0);
        assertThat(vendor.ask(GET).status()).isIn(200, 503);
        Await.until(
            "it is told once", () -> Scrape.of(vendor).value("tvm_state_outages_total") == 1);

        store.goOn();
        Await.until(
            "it is back",
            () -> {
              vendor.ask(GET);
              return Scrape.of(vendor).value("tvm_state_reachable") == 1;
            });
        assertThat(Scrape.of(vendor).value("tvm_state_outages_total")).isEqualTo(1);
      }
    }
  }

  @Test
  void turns_that_are_not_possible_are_counted_while_a_store_is_away() throws IOException {
    try (RedisProcess store = RedisProcess.start(Files.createDirectory(folder.resolve("store")))) {
      store.settled();
      String policy = POLICY + "state: " + store.address().reveal() + "\n";
      try (Vendor vendor = Vendor.start(folder, policy).ready()) {
        Await.until("a token", () -> vendor.ask(GET).status() == 200);
        store.stop();
        Await.until("it is away", () -> Scrape.of(vendor).value("tvm_state_reachable") == 0);
        int minted = vendor.minted();
        Scrape earlier = Scrape.of(vendor);
        String impossible = waits("unavailable");
        double before = earlier.has(impossible) ? earlier.value(impossible) : 0;
        Answer answer = vendor.ask(GET);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(Integer.parseInt(answer.header("retry-after"))).isPositive();

        assertThat(Scrape.of(vendor).value(impossible)).isEqualTo(before + 1);
        assertThat(vendor.minted()).isEqualTo(minted);
        store.goOn();
      }
    }
  }

  @Test
  void the_age_of_every_issuers_keys_is_told() throws IOException {
    Path stageFolder = Files.createDirectory(folder.resolve("stage"));
    try (Stage stage = Stage.start(stageFolder, MomentoLocalOptions.defaults())) {
      String known = stage.method();
      String unknown =
          "  - oidc: { issuer: \"http://127.0.0.1:1\", audience: x, required: true,"
              + " jwks-uri: \"http://127.0.0.1:1/keys\" }\n";
      String policy =
          POLICY
              .replace("  - open: {}\n", known + unknown)
              .replace(
                  "    token-id: \"${request.name}\"\n",
                  "    when: { claims: { iss: \"" + stage.issuer() + "\" } }\n");
      try (Vendor vendor = Vendor.start(folder, policy)) {
        String age = "tvm_key_set_age_seconds{issuer=" + stage.issuer() + "}";
        Await.until("its keys are read", () -> Scrape.of(vendor).has(age));

        Scrape scrape = Scrape.of(vendor);
        assertThat(scrape.value(age)).isBetween(0.0, 60.0);
        assertThat(scrape.value("tvm_key_set_usable{issuer=" + stage.issuer() + "}")).isEqualTo(1);
        assertThat(scrape.value("tvm_key_set_usable{issuer=http://127.0.0.1:1}")).isZero();
        assertThat(scrape.has("tvm_key_set_age_seconds{issuer=http://127.0.0.1:1}")).isFalse();
        assertThat(scrape.value("tvm_ready")).isZero();

        String optional = unknown.replace(" required: true,", "");
        vendor.server.change(vendor.configuration(policy.replace(unknown, optional)));
        Scrape second = Scrape.of(vendor);
        assertThat(second.value("tvm_key_set_usable{issuer=http://127.0.0.1:1}")).isZero();
        assertThat(second.value("tvm_ready")).isEqualTo(1);

        vendor.server.change(vendor.configuration(policy.replace(unknown, "")));
        Scrape after = Scrape.of(vendor);
        assertThat(after.series("tvm_key_set_usable")).hasSize(1);
        assertThat(after.value(age)).isGreaterThanOrEqualTo(scrape.value(age));
        assertThat(after.value("tvm_ready")).isEqualTo(1);
      }
    }
  }

  @Test
  void public_port_tells_nothing_of_it() {
    try (Vendor vendor = Vendor.start(folder, POLICY).ready()) {
      Answer answer = vendor.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");

      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body()).doesNotContain("tvm_");
    }
  }

  @Test
  void reading_it_mints_nothing_and_many_may_read_at_once() {
    try (Vendor vendor = Vendor.start(folder, POLICY).ready()) {
      List<CompletableFuture<Scrape>> readers =
          IntStream.range(0, 20)
              .mapToObj(i -> CompletableFuture.supplyAsync(() -> Scrape.of(vendor)))
              .toList();
      for (CompletableFuture<Scrape> reader : readers) {
        assertThat(reader.join().series("tvm_policy_info")).hasSize(1);
      }

      assertThat(vendor.minted()).isZero();
    }
  }
}

package tokenvending.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tokenvending.authentication.Issuer.jwk;
import static tokenvending.authentication.Issuer.keySet;
import static tokenvending.authentication.Issuer.with;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.authentication.DocumentFetcher.Timeouts;
import tokenvending.authentication.JwksSource.Found;
import tokenvending.authentication.JwksSource.Named;
import tokenvending.authentication.JwksSource.OutOfReach;
import tokenvending.authentication.JwksSource.Unknown;
import tokenvending.authentication.KeySetLocation.At;
import tokenvending.authentication.KeySetLocation.Discovered;
import tokenvending.testing.Await;

final class JwksSourceTest {
  private static final String OLD = keySet(List.of(jwk("old", Issuer.P256)));
  private static final String NEW = keySet(List.of(jwk("new", Issuer.P384)));

  private final SettableClock clock = new SettableClock();
  private final Provider provider = Provider.start();
  private final JwksSource keys = source(at(provider.at(Provider.KEYS)));
  private final JwksSource discovering = source(new Discovered(provider.issuer()));

  @AfterEach
  void stop() {
    keys.close();
    discovering.close();
    provider.close();
  }

  @Test
  @Tag("T14")
  void T14_known_key_is_fetched_once() {
    provider.answers(Provider.KEYS, OLD);
    assertThat(keys.isReady()).isFalse();
    for (int i = 0; i < 100; i++) {
      assertThat(named("old")).isInstanceOf(Found.class);
    }
    assertThat(keys.isReady()).isTrue();
    assertThat(fetches()).isEqualTo(1);
  }

  @Test
  @Tag("T14")
  void T14_200_forged_key_ids_cost_one_fetch_in_30_seconds() {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    for (int second = 0; second < 30; second++) {
      for (int i = 0; i < 200; i++) {
        assertThat(named("forged-" + second + "-" + i)).isInstanceOf(Unknown.class);
      }
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(fetches()).isEqualTo(1);
    assertThat(named("forged")).isInstanceOf(Unknown.class);
    assertThat(named("forged")).isInstanceOf(Unknown.class);
    assertThat(fetches()).isEqualTo(2);
  }

  @Test
  @Tag("T14")
  void T14_forged_key_ids_during_an_outage_cost_one_fetch_in_30_seconds() {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    provider.answers(Provider.KEYS, 500, "");
    clock.advance(Duration.ofSeconds(30));
    for (int i = 0; i < 200; i++) {
      assertThat(named("forged-" + i)).isInstanceOf(OutOfReach.class);
      assertThat(named("old")).isInstanceOf(Found.class);
    }
    assertThat(fetches()).isEqualTo(2);
  }

  @Test
  @Tag("T14")
  void T14_concurrent_callers_share_one_fetch() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    provider.does(
        Provider.KEYS,
        exchange -> {
          asked.countDown();
          awaitQuietly(answer);
          Provider.send(exchange, 200, OLD);
        });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Named>> callers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        callers.add(threads.submit(() -> named("old")));
      }
      assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
      answer.countDown();
      for (Future<Named> caller : callers) {
        assertThat(caller.get()).isInstanceOf(Found.class);
      }
    }
    assertThat(fetches()).isEqualTo(1);
  }

  @Test
  @Tag("T14")
  void T14_rotated_key_is_found_after_30_seconds_at_the_latest() {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    provider.answers(Provider.KEYS, NEW);
    assertThat(named("new")).isInstanceOf(Unknown.class);
    clock.advance(Duration.ofSeconds(29));
    assertThat(named("new")).isInstanceOf(Unknown.class);
    clock.advance(Duration.ofSeconds(1));
    assertThat(named("new")).isInstanceOf(Found.class);
    assertThat(named("old")).isInstanceOf(Unknown.class);
  }

  @Test
  @Tag("T14")
  void T14_withdrawn_key_is_refused_after_five_minutes_without_any_new_key_id() {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    provider.answers(Provider.KEYS, NEW);
    clock.advance(Duration.ofMinutes(5).minusSeconds(1));
    assertThat(named("old")).isInstanceOf(Found.class);
    clock.advance(Duration.ofSeconds(1));
    assertThat(named("old")).isInstanceOf(Unknown.class);
  }

  @Test
  @Tag("T14")
  void T14_withdrawn_key_is_refused_after_a_freeze_that_only_the_wall_clock_saw() {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    provider.answers(Provider.KEYS, NEW);
    clock.advance(Duration.ofSeconds(31));
    clock.stepWall(Duration.ofHours(1));
    assertThat(named("old")).isInstanceOf(Unknown.class);
  }

  @Test
  @Tag("T23")
  void T23_wall_clock_that_steps_back_or_forth_fetches_no_more_than_once_in_30_seconds() {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    for (int i = 0; i < 10; i++) {
      clock.stepWall(Duration.ofHours(i % 2 == 0 ? 1 : -1));
      assertThat(named("old")).isInstanceOf(Found.class);
    }
    assertThat(fetches()).isEqualTo(1);
  }

  @Test
  @Tag("T14")
  void T14_keys_are_refreshed_ahead_in_the_background() {
    provider.answers(Provider.KEYS, OLD);
    keys.refreshIfDue();
    eventually(keys::isReady);
    clock.advance(Duration.ofMinutes(4).minusSeconds(1));
    keys.refreshIfDue();
    clock.advance(Duration.ofSeconds(1));
    provider.answers(Provider.KEYS, NEW);
    keys.refreshIfDue();
    eventually(() -> named("new") instanceof Found);
    assertThat(fetches()).isEqualTo(2);
  }

  @Test
  @Tag("T14")
  void T14_known_keys_serve_through_an_outage_of_24_hours_and_no_longer() {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    provider.answers(Provider.KEYS, 503, "");
    for (int hour = 0; hour < 24; hour++) {
      clock.advance(Duration.ofHours(1));
      assertThat(named("old")).isInstanceOf(Found.class);
      assertThat(named("new")).isInstanceOf(OutOfReach.class);
    }
    assertThat(keys.isReady()).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(keys.isReady()).isFalse();
    assertThat(named("old")).isInstanceOf(OutOfReach.class);
    clock.advance(Duration.ofSeconds(30));
    provider.answers(Provider.KEYS, NEW);
    assertThat(named("new")).isInstanceOf(Found.class);
  }

  @Test
  void age_is_that_of_the_keys_in_use_and_asking_it_fetches_nothing() {
    assertThat(keys.age()).isEmpty();
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    clock.advance(Duration.ofHours(24));
    assertThat(keys.age()).hasValue(Duration.ofHours(24));
    clock.advance(Duration.ofSeconds(1));
    assertThat(keys.age()).isEmpty();
    assertThat(fetches()).isEqualTo(1);
  }

  @Test
  @Tag("T14")
  void T14_issuer_that_is_away_at_the_start_is_asked_again_with_growing_pauses() {
    provider.answers(Provider.KEYS, 503, "");
    List<Long> askedAfter = new ArrayList<>();
    for (int second = 0; second <= 120; second++) {
      int before = fetches();
      Named result = named("old");
      assertThat(result).isInstanceOf(OutOfReach.class);
      assertThat(((OutOfReach) result).retryAfter())
          .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
      if (fetches() > before) {
        askedAfter.add((long) second);
      }
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(askedAfter).containsExactly(0L, 1L, 3L, 7L, 15L, 31L, 61L, 91L);
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
  }

  @Test
  @Tag("T14")
  void T14_becomes_ready_by_itself_when_the_issuer_comes_up() {
    provider.answers(Provider.KEYS, 503, "");
    try (JwksSource started =
        JwksSource.start(
            at(provider.at(Provider.KEYS)), System::nanoTime, java.time.Clock.systemUTC())) {
      eventually(() -> fetches() >= 1);
      assertThat(started.isReady()).isFalse();
      provider.answers(Provider.KEYS, OLD);
      eventually(started::isReady);
    }
  }

  @Test
  void fetch_during_which_the_process_stood_still_counts_for_nothing() {
    provider.does(
        Provider.KEYS,
        exchange -> {
          clock.advance(Duration.ofHours(1));
          exchange.close();
        });
    assertThat(named("old")).isInstanceOf(OutOfReach.class);
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
  }

  @Test
  void closed_source_fetches_no_more() {
    provider.answers(Provider.KEYS, OLD);
    keys.close();
    assertThat(named("old")).isInstanceOf(OutOfReach.class);
    assertThat(fetches()).isZero();
  }

  @Test
  @Tag("T14")
  void T14_redirect_is_not_followed() {
    try (Provider elsewhere = Provider.start()) {
      elsewhere.answers(Provider.KEYS, OLD);
      provider.redirects(Provider.KEYS, elsewhere.at(Provider.KEYS));
      assertThat(named("old")).isInstanceOf(OutOfReach.class);
      assertThat(elsewhere.requests()).isZero();
    }
  }

  @Test
  @Tag("T14")
  void T14_key_set_over_64_KiB_is_not_read() {
    String padding = " ".repeat(64 * 1024 - OLD.length());
    provider.answers(Provider.KEYS, OLD + padding + " ");
    assertThat(named("old")).isInstanceOf(OutOfReach.class);
    clock.advance(Duration.ofSeconds(30));
    provider.answers(Provider.KEYS, OLD + padding);
    assertThat(named("old")).isInstanceOf(Found.class);
  }

  @Test
  @Tag("T14")
  void T14_endless_key_set_is_not_read() {
    provider.does(
        Provider.KEYS,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] spaces = " ".repeat(4096).getBytes(java.nio.charset.StandardCharsets.UTF_8);
          for (int i = 0; i < 100_000; i++) {
            exchange.getResponseBody().write(spaces);
          }
          exchange.close();
        });
    assertThat(named("old")).isInstanceOf(OutOfReach.class);
    assertThat(fetches()).isEqualTo(1);
  }

  @Test
  @Tag("T14")
  void T14_silent_issuer_holds_up_a_caller_for_two_seconds_at_most() {
    CountDownLatch never = new CountDownLatch(1);
    provider.does(Provider.KEYS, exchange -> awaitQuietly(never));
    try (JwksSource impatient = source(at(provider.at(Provider.KEYS)), Timeouts.STANDARD)) {
      long start = System.nanoTime();
      assertThat(impatient.named(Optional.of("old"))).isInstanceOf(OutOfReach.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }
    never.countDown();
  }

  @Test
  @Tag("T14")
  void T14_issuer_that_drips_holds_up_a_caller_for_two_seconds_at_most() {
    CountDownLatch gone = new CountDownLatch(1);
    provider.does(
        Provider.KEYS,
        exchange -> {
          exchange.sendResponseHeaders(200, OLD.length());
          try {
            for (int i = 0; i < OLD.length(); i++) {
              exchange.getResponseBody().write(OLD.charAt(i));
              exchange.getResponseBody().flush();
              Await.pass(Duration.ofMillis(200));
            }
          } catch (java.io.IOException _) {
            gone.countDown();
          }
        });
    Timeouts little =
        new Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(2));
    try (JwksSource impatient = source(at(provider.at(Provider.KEYS)), little)) {
      long start = System.nanoTime();
      assertThat(impatient.named(Optional.of("old"))).isInstanceOf(OutOfReach.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      // And the connection is given up, too.
      eventually(() -> gone.getCount() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "<html></html>",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":null}",
        "{\"keys\":\"[]\"}",
        "{\"keys\":[],\"keys\":[]}",
        "{\"keys\":[]} ,"
      })
  @Tag("T14")
  void T14_garbage_does_not_replace_the_keys(String garbage) {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    provider.answers(Provider.KEYS, garbage);
    clock.advance(Duration.ofMinutes(10));
    assertThat(named("old")).isInstanceOf(Found.class);
    assertThat(fetches()).isEqualTo(2);
  }

  /**
   * Whatever else is in it, nothing that verifies a signature: the issuer has withdrawn its keys.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"keys\":[]}",
        "{\"keys\":[],\"more\":null}",
        "{\"keys\":[null,7,\"x\",{}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"old\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"old\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
        "{\"keys\":[{\"kty\":\"OKP\",\"kid\":\"old\",\"crv\":\"Ed25519\",\"x\":\"AA\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"old\",\"k\":\"c2VjcmV0\"}]}"
      })
  @Tag("T14")
  void T14_key_set_without_a_usable_key_replaces_the_keys(String withdrawn) {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    provider.answers(Provider.KEYS, withdrawn);
    clock.advance(Duration.ofMinutes(5));
    assertThat(named("old")).isInstanceOf(Unknown.class);
    assertThat(keys.named(Optional.empty())).isInstanceOf(Unknown.class);
    assertThat(keys.isReady()).isFalse();
    assertThat(keys.problem()).hasValue("the issuer publishes no usable key");
    assertThat(keys.age()).isEmpty();
    provider.answers(Provider.KEYS, OLD);
    clock.advance(Duration.ofSeconds(30));
    assertThat(named("old")).isInstanceOf(Found.class);
    assertThat(keys.problem()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("unusable")
  @Tag("T14")
  void T14_key_that_became_unusable_replaces_the_usable_one(Map<String, String> unusable) {
    provider.answers(Provider.KEYS, OLD);
    assertThat(named("old")).isInstanceOf(Found.class);
    provider.answers(Provider.KEYS, keySet(List.of(unusable)));
    clock.advance(Duration.ofMinutes(5));
    assertThat(named("old")).isInstanceOf(Unknown.class);
  }

  static List<Map<String, String>> unusable() {
    Map<String, String> old = jwk("old", Issuer.P256);
    return List.of(
        with(old, "use", "\"enc\""),
        with(old, "use", "7"),
        with(old, "alg", "7"),
        with(old, "key_ops", "[\"sign\"]"),
        with(old, "kty", "\"ec\""),
        with(old, "crv", "\"secp256k1\""),
        // A private key that is published is everybody's.
        with(old, "d", "\"AAAA\""),
        with(jwk("old", Issuer.RSA), "d", "\"AAAA\""),
        with(jwk("old", Issuer.RSA), "p", "\"AAAA\""),
        with(jwk("old", Issuer.RSA), "q", "\"AAAA\""),
        with(jwk("old", Issuer.ED25519), "d", "\"AAAA\""),
        jwk("old", Issuer.WEAK_RSA));
  }

  @Test
  void key_that_is_listed_twice_is_one_key() {
    Map<String, String> key = jwk("old", Issuer.P256);
    provider.answers(Provider.KEYS, keySet(List.of(key, key)));
    assertThat(((Found) named("old")).keys()).hasSize(1);
  }

  @Test
  void null_members_of_a_key_count_as_absent() {
    Map<String, String> key = jwk("old", Issuer.P256);
    for (String name : List.of("use", "key_ops", "alg", "d", "x5c", "x5t", "x5u")) {
      key = with(key, name, "null");
    }
    provider.answers(Provider.KEYS, keySet(List.of(key)));
    assertThat(named("old")).isInstanceOf(Found.class);
  }

  @Test
  @Tag("T14")
  void T14_one_bad_key_does_not_spoil_the_others() {
    provider.answers(
        Provider.KEYS,
        OLD.replace("{\"keys\":[", "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"bad\"},{\"kty\":9},"));
    assertThat(named("old")).isInstanceOf(Found.class);
    assertThat(named("bad")).isInstanceOf(Unknown.class);
  }

  @Test
  void discovery_leads_to_the_keys() {
    provider.answers(Provider.DISCOVERY, discovery(provider.issuer(), provider.at(Provider.KEYS)));
    provider.answers(Provider.KEYS, OLD);
    assertThat(discovering.named(Optional.of("old"))).isInstanceOf(Found.class);
    clock.advance(Duration.ofMinutes(6));
    assertThat(discovering.named(Optional.of("old"))).isInstanceOf(Found.class);
    assertThat(provider.requestsTo(Provider.DISCOVERY)).isEqualTo(2);
    assertThat(provider.requestsTo(Provider.KEYS)).isEqualTo(2);
  }

  @Test
  @Tag("T14")
  void T14_keys_that_the_discovery_document_no_longer_names_are_refused() {
    provider.answers(Provider.DISCOVERY, discovery(provider.issuer(), provider.at(Provider.KEYS)));
    provider.answers(Provider.KEYS, OLD);
    assertThat(discovering.named(Optional.of("old"))).isInstanceOf(Found.class);
    provider.answers(Provider.DISCOVERY, discovery(provider.issuer(), provider.at("/moved")));
    provider.answers("/moved", NEW);
    clock.advance(Duration.ofMinutes(5));
    assertThat(discovering.named(Optional.of("old"))).isInstanceOf(Unknown.class);
    assertThat(discovering.named(Optional.of("new"))).isInstanceOf(Found.class);
  }

  @ParameterizedTest
  @Tag("T14")
  @ValueSource(strings = {"", "{}", "{\"jwks_uri\":null}", "<html></html>"})
  void T14_discovery_document_that_is_none_is_an_outage(String body) {
    provider.answers(Provider.DISCOVERY, discovery(provider.issuer(), provider.at(Provider.KEYS)));
    provider.answers(Provider.KEYS, OLD);
    assertThat(discovering.named(Optional.of("old"))).isInstanceOf(Found.class);
    provider.answers(Provider.DISCOVERY, body);
    clock.advance(Duration.ofMinutes(5));
    assertThat(discovering.named(Optional.of("old"))).isInstanceOf(Found.class);
    assertThat(discovering.named(Optional.of("new"))).isInstanceOf(OutOfReach.class);
    clock.advance(Duration.ofHours(24));
    assertThat(discovering.named(Optional.of("old"))).isInstanceOf(OutOfReach.class);
  }

  @Test
  void slow_issuer_is_waited_for_in_the_background_and_only_there() {
    CountDownLatch answer = new CountDownLatch(1);
    provider.does(
        Provider.KEYS,
        exchange -> {
          awaitQuietly(answer);
          Provider.send(exchange, 200, OLD);
        });
    try (JwksSource slow = source(at(provider.at(Provider.KEYS)), Timeouts.STANDARD)) {
      assertThat(slow.named(Optional.of("old"))).isInstanceOf(OutOfReach.class);
      // The callers after the first two seconds of the fetch do not wait for it at all.
      clock.advance(Duration.ofSeconds(2));
      long start = System.nanoTime();
      for (int i = 0; i < 10; i++) {
        assertThat(slow.named(Optional.of("old"))).isInstanceOf(OutOfReach.class);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
      answer.countDown();
      eventually(slow::isReady);
      assertThat(fetches()).isEqualTo(1);
    }
  }

  @Test
  void issuer_may_take_ten_seconds_to_its_first_byte() {
    assertThat(Timeouts.STANDARD.toAnswer()).isEqualTo(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @CsvSource({
    "https://login.example.com/,https://login.example.com/.well-known/openid-configuration",
    "https://login.example.com,https://login.example.com/.well-known/openid-configuration",
    "https://a.example/t/x/,https://a.example/t/x/.well-known/openid-configuration"
  })
  void discovery_document_is_below_the_issuer(String issuer, URI document) {
    assertThat(new Discovered(issuer).document()).isEqualTo(document);
  }

  @Test
  @Tag("T14")
  void T14_discovery_document_of_another_issuer_is_refused() {
    provider.answers(Provider.KEYS, OLD);
    for (String other :
        List.of("https://evil.example", provider.issuer() + "/", "", provider.issuer() + "x")) {
      provider.answers(Provider.DISCOVERY, discovery(other, provider.at(Provider.KEYS)));
      assertThat(discovering.named(Optional.of("old"))).isInstanceOf(OutOfReach.class);
      clock.advance(Duration.ofSeconds(30));
    }
    assertThat(provider.requestsTo(Provider.KEYS)).isZero();
    assertThat(provider.requestsTo(Provider.DISCOVERY)).isEqualTo(4);
  }

  @ParameterizedTest
  @Tag("T14")
  @ValueSource(
      strings = {
        "http://login.example.com/keys",
        "http://10.0.0.1/keys",
        "http://127.0.0.1.example.com/keys",
        "http://user@127.0.0.1/keys",
        "http://localhost.example/keys",
        "http://0x7f000001/keys",
        "ftp://127.0.0.1/keys",
        "file:///etc/passwd",
        "/keys",
        "",
        "::"
      })
  void T14_keys_are_read_over_https_or_from_loopback_only(String address) {
    provider.answers(
        Provider.DISCOVERY,
        "{\"issuer\":\"" + provider.issuer() + "\",\"jwks_uri\":\"" + address + "\"}");
    assertThat(discovering.named(Optional.of("old"))).isInstanceOf(OutOfReach.class);
    assertThat(provider.requestsTo(Provider.DISCOVERY)).isEqualTo(1);
    assertThatThrownBy(() -> at(URI.create(address))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Discovered(address)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://login.example.com/keys",
        "http://127.0.0.1:8080/keys",
        "http://localhost/keys",
        "http://[::1]:9/keys"
      })
  void https_and_loopback_are_accepted(String address) {
    assertThat(at(URI.create(address)).jwks()).hasToString(address);
  }

  @Test
  void logs_name_a_key_set_without_its_query() {
    assertThat(at(URI.create("https://a.example:8443/keys?key=hidden")).label())
        .isEqualTo("a.example:8443/keys");
  }

  private int fetches() {
    return provider.requestsTo(Provider.KEYS);
  }

  private Named named(String id) {
    return keys.named(Optional.of(id));
  }

  private JwksSource source(KeySetLocation location) {
    return source(location, SettableClock.ENOUGH);
  }

  private JwksSource source(KeySetLocation location, Timeouts timeout) {
    return new JwksSource(location, clock.nanoClock(), clock, timeout);
  }

  private static At at(URI keys) {
    return new At("https://login.example.com/", keys);
  }

  private static String discovery(String issuer, URI keys) {
    return "{\"issuer\":\""
        + issuer
        + "\",\"jwks_uri\":\""
        + keys
        + "\",\"response_types_supported\":[\"code\"]}";
  }

  /** Asks again and again, for ten seconds at most. */
  private static void eventually(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}

package tokenvending.momento;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.issuing.IssueResult;
import tokenvending.issuing.IssueResult.Category;
import tokenvending.issuing.IssueResult.Cause;
import tokenvending.issuing.IssueResult.Issued;
import tokenvending.issuing.IssueResult.Unavailable;
import tokenvending.issuing.IssueResult.UpstreamFault;
import tokenvending.issuing.VendedToken;
import tokenvending.momento.FakeTokenService.Response;
import tokenvending.momento.netty.NettyConnector;
import tokenvending.policy.Grant;
import tokenvending.secret.Secret;

@Timeout(60)
class MomentoTokenIssuerTest {
  private static final String ONE = "ReadOnly cache=a";

  @Test
  void answer_becomes_a_token_in_the_form_that_sdks_take() {
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow issuer = issuer(service)) {
      VendedToken token = issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      assertThat(new String(Base64.getDecoder().decode(token.token().reveal()), UTF_8))
          .isEqualTo("{\"endpoint\":\"cell.example.com\",\"api_key\":\"inner-key\"}");
      assertThat(token.endpoint()).isEqualTo("cell.example.com");
      assertThat(token.expiresAt()).isEqualTo(Instant.ofEpochSecond(1_800_000_000L));
      assertThat(token.tokenId()).isEmpty();
    }
  }

  @Test
  void token_is_padded_base64_of_the_standard_alphabet() {
    // ">>>?" gives the characters that the URL-safe alphabet replaces.
    String apiKey = ">>>?>>>?~~~>";
    try (FakeTokenService service =
            new FakeTokenService(
                (request, number) ->
                    FakeTokenService.answer(apiKey, "cell.example.com", 1_800_000_000L));
        IssuingRow issuer = issuer(service)) {
      String token = issued(issuer.issue(Grants.of(ONE), Grants.HERE)).token().reveal();
      assertThat(token).matches("[A-Za-z0-9+/]+=*").matches(".*[+/].*");
      assertThat(token.length() % 4).isZero();
      assertThat(new String(Base64.getDecoder().decode(token), UTF_8)).contains(apiKey);
    }
  }

  @Test
  void key_travels_in_the_body_and_in_no_header() {
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow issuer = issuer(service)) {
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      assertThat(service.requests().getFirst().authToken()).isEqualTo("raw-key");
      Metadata headers = service.headers().getFirst();
      assertThat(
              headers.containsKey(
                  Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)))
          .isFalse();
      assertThat(headers.toString()).doesNotContain("raw-key");
    }
  }

  @Test
  void every_permission_kind_has_its_exact_statement() {
    String[] permissions = {
      "ReadWrite cache=all",
      "ReadOnly cache=c",
      "WriteOnly cache=c key=k",
      "ReadOnly cache=c key-prefix=user-",
      "PublishSubscribe cache=all topic=all",
      "SubscribeOnly cache=c topic=t",
      "PublishOnly cache=c topic-prefix=room-",
      "Invoke cache=all function=all",
      "Invoke cache=c function=f",
      "Invoke cache=c function-prefix=job-",
      "ReadWrite cache=all key=\u00e9\u4e16\ud83d\ude80",
      "SubscribeOnly cache=\u00e9 topic=\u4e16",
    };
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow issuer = issuer(service)) {
      issued(issuer.issue(Grants.of(permissions), Grants.HERE));
      assertThat(service.requests().getFirst().statements())
          .containsExactly(
              "cache role=1 all-caches all",
              "cache role=2 cache(c) all",
              "cache role=3 cache(c) exact(6b)",
              "cache role=2 cache(c) prefix(757365722d)",
              "topic role=1 all-caches all",
              "topic role=2 cache(c) exact(74)",
              "topic role=3 cache(c) prefix(726f6f6d2d)",
              "function role=1 all-caches all",
              "function role=1 cache(c) exact(66)",
              "function role=1 cache(c) prefix(6a6f622d)",
              "cache role=1 all-caches exact(c3a9e4b896f09f9a80)",
              "topic role=2 cache(\u00e9) exact(e4b896)");
    }
  }

  @Test
  void request_has_exactly_these_bytes() {
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow issuer = issuer(service)) {
      issued(
          issuer.issue(
              Grants.of(Duration.ofMinutes(5), Optional.of("Taylor"), "ReadOnly cache=a key=k"),
              Grants.HERE));
      assertThat(service.requests().getFirst().bytes().toByteArray())
          .isEqualTo(
              new byte[] {
                0x0a,
                3,
                0x08,
                (byte) 0xac,
                2, // expires { 300 }
                0x12,
                7,
                'r',
                'a',
                'w',
                '-',
                'k',
                'e',
                'y', // auth_token
                0x1a,
                18,
                0x12,
                16,
                0x0a,
                14,
                0x0a,
                12, // permissions, explicit, statement, cache
                0x08,
                2, // ReadOnly
                0x1a,
                3,
                0x0a,
                1,
                'a', // cache_selector
                0x2a,
                3,
                0x0a,
                1,
                'k', // item_selector
                0x22,
                6,
                'T',
                'a',
                'y',
                'l',
                'o',
                'r', // token_id
              });
    }
  }

  @Test
  void mixed_scopes_keep_their_item_selectors() {
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow issuer = issuer(service)) {
      issued(
          issuer.issue(
              Grants.of(
                  "ReadOnly cache=c key-prefix=pet",
                  "SubscribeOnly cache=c topic=t",
                  "WriteOnly cache=d"),
              Grants.HERE));
      assertThat(service.requests().getFirst().statements())
          .containsExactly(
              "cache role=2 cache(c) prefix(706574)",
              "topic role=2 cache(c) exact(74)",
              "cache role=3 cache(d) all");
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "3600", "90000"})
  void life_is_sent_in_seconds(long seconds) {
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow issuer = issuer(service)) {
      issued(
          issuer.issue(Grants.of(Duration.ofSeconds(seconds), Optional.empty(), ONE), Grants.HERE));
      assertThat(service.requests().getFirst().validForSeconds()).isEqualTo(seconds);
    }
  }

  @Test
  void token_id_is_sent_only_where_there_is_one() {
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow issuer = issuer(service)) {
      Grant with = Grants.of(Duration.ofHours(1), Optional.of("Taylor"), ONE);
      assertThat(issued(issuer.issue(with, Grants.HERE)).tokenId()).isEqualTo(with.tokenId());
      assertThat(issued(issuer.issue(Grants.of(ONE), Grants.HERE)).tokenId()).isEmpty();
      assertThat(service.requests())
          .extracting(ReceivedRequest::hasTokenId)
          .containsExactly(true, false);
      assertThat(service.requests().getFirst().tokenId()).isEqualTo("Taylor");
    }
  }

  @ParameterizedTest
  @EnumSource(value = Status.Code.class, names = "OK", mode = EnumSource.Mode.EXCLUDE)
  void statuses_are_told_apart_and_only_unavailable_is_tried_again(Status.Code code) {
    IssueResult expected =
        switch (code) {
          case UNAVAILABLE, CANCELLED, UNKNOWN, INTERNAL, ABORTED, DATA_LOSS ->
              new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2));
          case DEADLINE_EXCEEDED ->
              new Unavailable(Cause.UPSTREAM_TIMED_OUT, Duration.ofSeconds(2));
          case RESOURCE_EXHAUSTED ->
              new Unavailable(Cause.UPSTREAM_RATE_LIMITED, Duration.ofSeconds(1));
          case UNAUTHENTICATED -> new UpstreamFault(Category.API_KEY_REJECTED);
          case PERMISSION_DENIED -> new UpstreamFault(Category.API_KEY_NOT_PERMITTED);
          case INVALID_ARGUMENT -> new UpstreamFault(Category.REQUEST_REJECTED);
          default -> new UpstreamFault(Category.UNEXPECTED_STATUS);
        };
    for (Response failure :
        List.of(new Response.Fails(code.toStatus()), new Response.FailsLate(code.toStatus()))) {
      try (FakeTokenService service = new FakeTokenService((request, number) -> failure);
          IssuingRow issuer = issuer(service)) {
        assertThat(issuer.issue(Grants.of(ONE), Grants.HERE)).isEqualTo(expected);
        assertThat(service.requests()).hasSize(code == Status.Code.UNAVAILABLE ? 3 : 1);
      }
    }
  }

  @Test
  void unavailable_service_that_comes_back_gives_one_token() {
    try (FakeTokenService service =
            new FakeTokenService(
                (request, number) ->
                    number <= 2
                        ? new Response.Fails(Status.UNAVAILABLE)
                        : FakeTokenService.good());
        IssuingRow issuer = issuer(service)) {
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      assertThat(service.requests()).hasSize(3);
    }
  }

  @Test
  void deadline_covers_all_attempts() {
    try (FakeTokenService service =
            new FakeTokenService(
                (request, number) ->
                    number == 1 ? new Response.Fails(Status.UNAVAILABLE) : new Response.Silence());
        IssuingRow issuer = issuer(service, Duration.ofSeconds(2))) {
      long start = System.nanoTime();
      assertThat(issuer.issue(Grants.of(ONE), Grants.HERE))
          .isEqualTo(new Unavailable(Cause.UPSTREAM_TIMED_OUT, Duration.ofSeconds(2)));
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThan(Duration.ofMillis(1_900));
      assertThat(service.requests()).hasSize(2);
    }
  }

  @Test
  void no_retry_is_begun_that_the_deadline_leaves_no_time_for() {
    // The longest pauses: 150 ms, then 450 ms.
    RandomGenerator slowest =
        new RandomGenerator() {
          @Override
          public long nextLong() {
            return Long.MAX_VALUE;
          }

          @Override
          public long nextLong(long bound) {
            return bound - 1;
          }
        };
    try (FakeTokenService service =
            new FakeTokenService((request, number) -> new Response.Fails(Status.UNAVAILABLE));
        IssuingRow warm = issuer(service)) {
      warm.issue(Grants.of(ONE), Grants.HERE);
      int before = service.requests().size();
      try (IssuingRow issuer =
          new IssuingRow(
              fixed(key("raw-key")),
              at(service),
              NettyConnector.nio(),
              Duration.ofMillis(500),
              new CountingBudget(),
              InstantSource.system(),
              System::nanoTime,
              slowest)) {
        assertThat(issuer.issue(Grants.of(ONE), Grants.HERE))
            .isEqualTo(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)));
        assertThat(service.requests().size() - before).isEqualTo(2);
      }
    }
  }

  @Test
  void nobody_listening_is_unreachable_and_recovery_is_quick() {
    int port;
    try (FakeTokenService service = FakeTokenService.issuing()) {
      port = service.port();
    }
    try (IssuingRow issuer =
        new IssuingRow(
            fixed(key("raw-key")),
            Optional.of(address("http://127.0.0.1:" + port)),
            NettyConnector.nio(),
            Duration.ofSeconds(50),
            new CountingBudget(),
            InstantSource.system(),
            System::nanoTime,
            RandomGenerator.getDefault())) {
      // Enough failures that gRPC alone would wait for many seconds before it connects again.
      for (int i = 0; i < 8; i++) {
        assertThat(issuer.issue(Grants.of(ONE), Grants.HERE))
            .isEqualTo(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)));
      }
      try (FakeTokenService service =
          new FakeTokenService(
              (request, number) -> FakeTokenService.good(),
              io.grpc.InsecureServerCredentials.create(),
              port)) {
        issued(issuer.issue(Grants.of(ONE), Grants.HERE));
        assertThat(service.requests()).hasSize(1);
      }
    }
  }

  static List<Response> answersThatCannotBeRight() {
    return List.of(
        FakeTokenService.answer("", "cell.example.com", 1_800_000_000L),
        FakeTokenService.answer("a b", "cell.example.com", 1_800_000_000L),
        FakeTokenService.answer("a\r\nb", "cell.example.com", 1_800_000_000L),
        FakeTokenService.answer("\u00e9", "cell.example.com", 1_800_000_000L),
        FakeTokenService.answer("x".repeat(8193), "cell.example.com", 1_800_000_000L),
        FakeTokenService.answer("x".repeat(100_000), "cell.example.com", 1_800_000_000L),
        FakeTokenService.answer("key", "", 1_800_000_000L),
        FakeTokenService.answer("key", "<html>", 1_800_000_000L),
        FakeTokenService.answer("key", "evil.example.com/x", 1_800_000_000L),
        FakeTokenService.answer("key", "cell.example.com", 0),
        FakeTokenService.answer("key", "cell.example.com", -1),
        FakeTokenService.answer("key", "cell.example.com", 1_800_000_000_000L),
        new Response.Message(ByteString.EMPTY),
        new Response.Message(ByteString.copyFromUtf8("<html>Bad gateway</html>")),
        new Response.Message(ByteString.copyFromUtf8("\n\u007fx")));
  }

  @ParameterizedTest
  @MethodSource("answersThatCannotBeRight")
  void answer_that_cannot_be_right_is_no_token(Response answer) {
    try (FakeTokenService service = new FakeTokenService((request, number) -> answer);
        IssuingRow issuer = issuer(service)) {
      assertThat(issuer.issue(Grants.of(ONE), Grants.HERE))
          .isEqualTo(new UpstreamFault(Category.INVALID_RESPONSE));
      assertThat(service.requests()).hasSize(1);
    }
  }

  /** Its server resets the stream, since it was to send one message. */
  @Test
  void service_that_fails_while_it_answers_is_unavailable() {
    try (FakeTokenService service =
            new FakeTokenService((request, number) -> new Response.Nothing());
        IssuingRow issuer = issuer(service)) {
      assertThat(issuer.issue(Grants.of(ONE), Grants.HERE))
          .isEqualTo(new Unavailable(Cause.UPSTREAM_UNAVAILABLE, Duration.ofSeconds(2)));
      assertThat(service.requests()).hasSize(1);
    }
  }

  @Test
  void key_that_is_refused_is_known_until_momento_accepts_one() {
    AtomicLong clock = new AtomicLong();
    try (FakeTokenService service =
            new FakeTokenService((request, number) -> new Response.Fails(Status.UNAUTHENTICATED));
        IssuingRow issuer =
            new IssuingRow(
                new RotatingApiKey(() -> key("raw-key"), Duration.ofHours(1), clock::get),
                at(service),
                NettyConnector.nio(),
                Duration.ofSeconds(50),
                new CountingBudget(),
                InstantSource.system(),
                clock::get,
                RandomGenerator.getDefault())) {
      issuer.issue(Grants.of(ONE), Grants.HERE);
      clock.addAndGet(Duration.ofSeconds(31).toNanos());
      issuer.issue(Grants.of(ONE), Grants.HERE);
      assertThat(issuer.apiKey.refusedFor()).isEqualTo(Duration.ofSeconds(31));
      service.behave((request, number) -> new Response.Fails(Status.UNAVAILABLE));
      issuer.issue(Grants.of(ONE), Grants.HERE);
      assertThat(issuer.apiKey.refusedFor()).isEqualTo(Duration.ofSeconds(31));
      service.behave((request, number) -> FakeTokenService.good());
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      assertThat(issuer.apiKey.refusedFor()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {"UNAUTHENTICATED", "PERMISSION_DENIED"})
  void refused_key_is_read_again_and_the_call_repeated_once(Status.Code refusal) {
    AtomicInteger readings = new AtomicInteger();
    AtomicLong clock = new AtomicLong();
    try (FakeTokenService service =
            new FakeTokenService(
                (request, number) ->
                    request.authToken().equals("new-key")
                        ? FakeTokenService.good()
                        : new Response.Fails(refusal.toStatus()));
        IssuingRow issuer =
            issuer(
                service,
                new RotatingApiKey(
                    () -> key(readings.getAndIncrement() == 0 ? "old-key" : "new-key"),
                    Duration.ofHours(1),
                    () -> clock.getAndAdd(1_000_000_000L)))) {
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      assertThat(service.requests())
          .extracting(ReceivedRequest::authToken)
          .containsExactly("old-key", "new-key", "new-key");
      assertThat(readings).hasValue(2);
    }
  }

  @Test
  void refused_key_that_did_not_change_is_not_sent_again() {
    AtomicInteger readings = new AtomicInteger();
    AtomicLong clock = new AtomicLong();
    try (FakeTokenService service =
            new FakeTokenService((request, number) -> new Response.Fails(Status.UNAUTHENTICATED));
        IssuingRow issuer =
            issuer(
                service,
                new RotatingApiKey(
                    () -> {
                      readings.incrementAndGet();
                      return key("only-key");
                    },
                    Duration.ofHours(1),
                    clock::get))) {
      for (int i = 0; i < 5; i++) {
        assertThat(issuer.issue(Grants.of(ONE), Grants.HERE))
            .isEqualTo(new UpstreamFault(Category.API_KEY_REJECTED));
      }
      assertThat(service.requests()).hasSize(5);
      // Not even the first refusal asks again within a second of the first reading.
      assertThat(readings).hasValue(1);
      clock.addAndGet(1_000_000_000L);
      issuer.issue(Grants.of(ONE), Grants.HERE);
      issuer.issue(Grants.of(ONE), Grants.HERE);
      assertThat(readings).hasValue(2);
    }
  }

  @Test
  void no_key_is_unavailable_until_there_is_one_and_nothing_is_sent() {
    AtomicReference<KeyReading> found = new AtomicReference<>(new KeyReading.Unusable("not there"));
    AtomicLong clock = new AtomicLong();
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow issuer =
            issuer(service, new RotatingApiKey(found::get, Duration.ofHours(1), clock::get))) {
      assertThat(issuer.apiKey.current()).isEqualTo(new KeyReading.Unusable("not there"));
      assertThat(issuer.issue(Grants.of(ONE), Grants.HERE))
          .isEqualTo(new Unavailable(Cause.NO_API_KEY, Duration.ofSeconds(2)));
      assertThat(service.headers()).isEmpty();
      found.set(key("raw-key"));
      clock.addAndGet(1_000_000_000L);
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
    }
  }

  @Test
  void source_that_throws_is_no_key_and_does_not_take_a_good_one_away() {
    AtomicReference<ApiKeySource> source =
        new AtomicReference<>(
            () -> {
              throw new IllegalStateException("raw-key");
            });
    AtomicLong clock = new AtomicLong();
    RotatingApiKey key =
        new RotatingApiKey(() -> source.get().read(), Duration.ofSeconds(30), clock::get);
    assertThat(key.current(Duration.ofSeconds(1)).toString()).doesNotContain("raw-key");
    ApiKeySource failing = source.get();
    source.set(() -> key("raw-key"));
    clock.addAndGet(1_000_000_000L);
    KeyReading good = key.current(Duration.ofSeconds(1));
    assertThat(good).isInstanceOf(KeyReading.Usable.class);
    source.set(failing);
    clock.addAndGet(31_000_000_000L);
    assertThat(key.current(Duration.ofSeconds(1))).isSameAs(good);
  }

  @Test
  void old_key_is_read_again_and_the_replaced_one_is_held_by_nobody() throws Exception {
    AtomicLong clock = new AtomicLong();
    AtomicReference<KeyReading> found = new AtomicReference<>(key("first"));
    RotatingApiKey rotating = new RotatingApiKey(found::get, Duration.ofSeconds(30), clock::get);
    ReferenceQueue<KeyReading> forgotten = new ReferenceQueue<>();
    WeakReference<KeyReading> first =
        new WeakReference<>(rotating.current(Duration.ofSeconds(1)), forgotten);
    found.set(key("second"));
    clock.addAndGet(29_000_000_000L);
    assertThat(sent(rotating)).isEqualTo("first");
    clock.addAndGet(1_000_000_000L);
    assertThat(sent(rotating)).isEqualTo("second");
    for (int i = 0; i < 100 && first.get() != null; i++) {
      System.gc();
      forgotten.remove(100);
    }
    assertThat(first.get()).isNull();
  }

  private static String sent(RotatingApiKey rotating) {
    if (rotating.current(Duration.ofSeconds(1)) instanceof KeyReading.Usable(MomentoApiKey key)) {
      return key.key().reveal();
    }
    throw new AssertionError("no key");
  }

  @Test
  void key_of_another_endpoint_takes_the_connection_with_it() {
    try (IssuingRow issuer =
        new IssuingRow(
            fixed(key("raw-key")),
            Optional.empty(),
            NettyConnector.nio(),
            Duration.ofMillis(200),
            new CountingBudget(),
            InstantSource.system(),
            System::nanoTime,
            RandomGenerator.getDefault())) {
      // Where nothing else is said, the key's own endpoint is called; .invalid resolves nowhere.
      assertThat(issuer.issue(Grants.of(ONE), Grants.HERE)).isInstanceOf(Unavailable.class);
      assertThat(issuer.service.connectedTo())
          .hasToString("Optional[https://token.cell.invalid:443]");
    }
    AtomicReference<KeyReading> found = new AtomicReference<>(key("raw-key"));
    AtomicLong clock = new AtomicLong();
    try (IssuingRow issuer =
        new IssuingRow(
            new RotatingApiKey(found::get, Duration.ofSeconds(30), clock::get),
            Optional.empty(),
            NettyConnector.nio(),
            Duration.ofMillis(200),
            new CountingBudget(),
            InstantSource.system(),
            System::nanoTime,
            RandomGenerator.getDefault())) {
      issuer.issue(Grants.of(ONE), Grants.HERE);
      found.set(
          MomentoApiKey.parse(
              Secret.of(
                  MomentoApiKeyTest.base64(
                      "{\"endpoint\":\"other.invalid\",\"api_key\":\"raw-key\"}")),
              Optional.empty()));
      clock.addAndGet(30_000_000_000L);
      issuer.issue(Grants.of(ONE), Grants.HERE);
      assertThat(issuer.service.connectedTo())
          .hasToString("Optional[https://token.other.invalid:443]");
    }
  }

  @Test
  void key_replaced_mid_run_fails_no_call() throws Exception {
    AtomicReference<KeyReading> found = new AtomicReference<>(key("key-1"));
    AtomicReference<String> accepted = new AtomicReference<>("key-1");
    AtomicLong clock = new AtomicLong();
    AtomicInteger readings = new AtomicInteger();
    try (FakeTokenService service =
            new FakeTokenService(
                (request, number) ->
                    request.authToken().equals(accepted.get())
                        ? FakeTokenService.good()
                        : new Response.Fails(Status.UNAUTHENTICATED));
        IssuingRow issuer =
            issuer(
                service,
                new RotatingApiKey(
                    () -> {
                      readings.incrementAndGet();
                      return found.get();
                    },
                    Duration.ofHours(1),
                    clock::get))) {
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      clock.addAndGet(1_000_000_000L);
      found.set(key("key-2"));
      accepted.set("key-2");
      List<IssueResult> results = together(200, () -> issuer.issue(Grants.of(ONE), Grants.HERE));
      assertThat(results).hasSize(200).allMatch(result -> result instanceof Issued);
      assertThat(readings).hasValue(2);
    }
  }

  @Test
  void two_hundred_callers_at_once_each_get_the_token_for_their_own_grant() throws Exception {
    AtomicInteger next = new AtomicInteger();
    try (FakeTokenService service =
            new FakeTokenService(
                (request, number) ->
                    FakeTokenService.answer(
                        "for-" + request.tokenId(), "cell.example.com", 1_800_000_000L));
        IssuingRow issuer = issuer(service, Duration.ofSeconds(20))) {
      List<Boolean> own =
          together(
              200,
              () -> {
                String name = "caller-" + next.getAndIncrement();
                VendedToken token =
                    issued(
                        issuer.issue(
                            Grants.of(Duration.ofHours(1), Optional.of(name), ONE), Grants.HERE));
                return new String(Base64.getDecoder().decode(token.token().reveal()), UTF_8)
                    .contains("\"for-" + name + "\"");
              });
      assertThat(own).hasSize(200).containsOnly(true);
      assertThat(service.requests().stream().map(ReceivedRequest::tokenId).distinct()).hasSize(200);
    }
  }

  @Test
  void closed_issuer_says_so_and_a_disconnected_one_connects_again() {
    try (FakeTokenService service = FakeTokenService.issuing()) {
      IssuingRow issuer = issuer(service);
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      issuer.service.disconnect();
      assertThat(issuer.service.connectedTo()).isEmpty();
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      issuer.close();
      assertThat(issuer.issue(Grants.of(ONE), Grants.HERE)).isInstanceOf(Unavailable.class);
      assertThat(service.requests()).hasSize(2);
    }
  }

  @Test
  void interrupted_caller_gets_a_result_and_stays_interrupted() {
    try (FakeTokenService service =
            new FakeTokenService((request, number) -> new Response.Silence());
        IssuingRow issuer = issuer(service)) {
      Thread.currentThread().interrupt();
      IssueResult result = issuer.issue(Grants.of(ONE), Grants.HERE);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(result).isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void localhost_name_is_called_by_its_name_at_the_loopback_address() {
    try (FakeTokenService service = FakeTokenService.issuing();
        IssuingRow issuer =
            new IssuingRow(
                fixed(key("raw-key")),
                Optional.of(address("http://token.localhost:" + service.port())),
                NettyConnector.nio(),
                Duration.ofSeconds(50),
                new CountingBudget(),
                InstantSource.system(),
                System::nanoTime,
                RandomGenerator.getDefault())) {
      issued(issuer.issue(Grants.of(ONE), Grants.HERE));
      assertThat(service.authorities()).containsExactly("token.localhost:" + service.port());
    }
  }

  static <T> List<T> together(int callers, Callable<T> call) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(Collections.nCopies(callers, call))) {
        results.add(future.get());
      }
      return results;
    }
  }

  static VendedToken issued(IssueResult result) {
    if (result instanceof Issued(VendedToken token, boolean reused)) {
      return token;
    }
    throw new AssertionError(result.toString());
  }

  static KeyReading key(String raw) {
    return MomentoApiKey.parse(
        Secret.of(
            MomentoApiKeyTest.base64(
                "{\"endpoint\":\"cell.invalid\",\"api_key\":\"" + raw + "\"}")),
        Optional.empty());
  }

  static RotatingApiKey fixed(KeyReading reading) {
    return new RotatingApiKey(() -> reading, Duration.ofHours(1), System::nanoTime);
  }

  static TokenServiceAddress address(String text) {
    if (TokenServiceAddress.parse(text)
        instanceof TokenServiceAddress.Parsed.Good(TokenServiceAddress address)) {
      return address;
    }
    throw new AssertionError(text);
  }

  static Optional<TokenServiceAddress> at(FakeTokenService service) {
    return Optional.of(address(service.uri()));
  }

  private IssuingRow issuer(FakeTokenService service) {
    return issuer(service, Duration.ofSeconds(50));
  }

  private IssuingRow issuer(FakeTokenService service, Duration deadline) {
    return new IssuingRow(
        fixed(key("raw-key")),
        at(service),
        NettyConnector.nio(),
        deadline,
        new CountingBudget(),
        InstantSource.system(),
        System::nanoTime,
        RandomGenerator.getDefault());
  }

  private IssuingRow issuer(FakeTokenService service, RotatingApiKey key) {
    return new IssuingRow(
        key,
        at(service),
        NettyConnector.nio(),
        Duration.ofSeconds(50),
        new CountingBudget(),
        InstantSource.system(),
        System::nanoTime,
        RandomGenerator.getDefault());
  }
}

package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;
import static tokenvending.momentolocal.Local.code;
import static tokenvending.momentolocal.Local.request;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.Permissions;
import tokenvending.momentolocal.wire.PermissionsType;
import tokenvending.momentolocal.wire.PingGrpc;
import tokenvending.momentolocal.wire.TopicRole;
import tokenvending.momentolocal.wire._Cache;
import tokenvending.momentolocal.wire._CreateCacheRequest;
import tokenvending.momentolocal.wire._DeleteCacheRequest;
import tokenvending.momentolocal.wire._DeleteRequest;
import tokenvending.momentolocal.wire._Discontinuity;
import tokenvending.momentolocal.wire._FlushCacheRequest;
import tokenvending.momentolocal.wire._GenerateApiTokenRequest;
import tokenvending.momentolocal.wire._GenerateDisposableTokenRequest;
import tokenvending.momentolocal.wire._GenerateDisposableTokenResponse;
import tokenvending.momentolocal.wire._GetBatchRequest;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._IncrementRequest;
import tokenvending.momentolocal.wire._KeysExistRequest;
import tokenvending.momentolocal.wire._ListCachesRequest;
import tokenvending.momentolocal.wire._PingRequest;
import tokenvending.momentolocal.wire._PingResponse;
import tokenvending.momentolocal.wire._SetIfHashRequest;
import tokenvending.momentolocal.wire._SetIfNotExistsRequest;
import tokenvending.momentolocal.wire._SetIfRequest;
import tokenvending.momentolocal.wire._TopicItem;
import tokenvending.momentolocal.wire._UpdateTtlRequest;

/**
 * What a client of Momento can rely on, point by point. Points about the behaviour of one SDK are
 * shown with that SDK, elsewhere.
 */
class MomentoPointsTest {

  private static final String TOPIC = "weather";

  private Local local;

  MomentoPointsTest() {
    local = Local.start();
  }

  @BeforeEach
  void cacheIsThere() {
    assertThat(local.momento.cacheNames()).containsExactly(CACHE);
  }

  @AfterEach
  void stop() {
    local.close();
  }

  @Test
  void point_01_the_key_in_the_body_is_enough_to_mint() {
    String token = local.mint(Grants.of(Grants.cache(CacheRole.CacheReadOnly, CACHE)));
    assertThat(local.get(token, CACHE, "absent").getResultValue()).isEqualTo(3);

    Permissions readOnly = Grants.of(Grants.cache(CacheRole.CacheReadOnly, CACHE));
    assertThat(mintingCode(request("", 60, readOnly))).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(mintingCode(request("not the key", 60, readOnly)))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void point_02_the_answer_names_the_endpoint_and_the_expiry_in_epoch_seconds() {
    _GenerateDisposableTokenResponse response =
        local
            .token()
            .generateDisposableToken(
                request(local.apiKey(), 600, Grants.allDataReadWrite()).build());
    assertThat(response.getEndpoint()).isEqualTo("localhost");
    long exact = local.clock.instant().plusSeconds(600).getEpochSecond();
    assertThat(response.getValidUntil()).isBetween(exact - 1, exact);
    assertThat(response.getApiKey()).matches("[\\x21-\\x7e]+").startsWith("local.");
  }

  @Test
  void point_03_a_life_of_25_hours_is_the_longest() {
    Permissions readOnly = Grants.of(Grants.cache(CacheRole.CacheReadOnly, CACHE));
    String key = local.apiKey();
    assertThat(mintingCode(request(key, 90_000, readOnly))).isEqualTo(Status.Code.OK);
    assertThat(mintingCode(request(key, 1, readOnly))).isEqualTo(Status.Code.OK);
    assertThat(mintingCode(request(key, 90_001, readOnly))).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(mintingCode(request(key, -1, readOnly))).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(mintingCode(request(key, 0, readOnly))).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(mintingCode(request(key, 60, readOnly).clearExpires()))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void point_04_one_to_twenty_statements_make_a_token() {
    List<PermissionsType> statements = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      statements.add(Grants.cache(CacheRole.CacheReadOnly, "cache-" + i));
    }
    assertThat(mintingCode(Grants.of(statements))).isEqualTo(Status.Code.OK);
    statements.add(Grants.cache(CacheRole.CacheReadOnly, "cache-20"));
    assertThat(mintingCode(Grants.of(statements))).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(mintingCode(Grants.of(List.of()))).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(mintingCode(Permissions.getDefaultInstance()))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void point_05_nobody_gets_a_disposable_super_user() {
    for (String key : List.of(local.apiKey(), local.momento.credentials().sessionKey())) {
      assertThat(mintingCode(request(key, 60, Grants.superUser())))
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void point_06_a_token_id_has_at_most_64_utf_16_units() {
    Permissions all = Grants.allDataReadWrite();
    String key = local.apiKey();
    for (String good : List.of("x".repeat(64), "é".repeat(64), "😀".repeat(32))) {
      assertThat(mintingCode(request(key, 60, all).setTokenId(good))).isEqualTo(Status.Code.OK);
    }
    for (String bad : List.of("x".repeat(65), "é".repeat(65), "😀".repeat(32) + "x")) {
      assertThat(mintingCode(request(key, 60, all).setTokenId(bad)))
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void point_07_two_statements_may_not_select_the_same() {
    assertThat(
            mintingCode(
                Grants.of(
                    Grants.cache(CacheRole.CacheReadOnly, "a"),
                    Grants.cache(CacheRole.CacheWriteOnly, "a"))))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(
            mintingCode(
                Grants.of(
                    Grants.cache(CacheRole.CacheReadOnly, "a"),
                    Grants.allItems(CacheRole.CacheReadOnly, "a"))))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(
            mintingCode(
                Grants.of(
                    Grants.key(CacheRole.CacheReadOnly, "c", "a"),
                    Grants.prefix(CacheRole.CacheReadOnly, "c", "a"))))
        .isEqualTo(Status.Code.OK);
    assertThat(
            mintingCode(
                Grants.of(
                    Grants.cache(CacheRole.CacheReadOnly, "a"),
                    Grants.topics(TopicRole.TopicReadOnly, "a"))))
        .isEqualTo(Status.Code.OK);
  }

  @Test
  void point_08_no_name_may_be_empty_and_none_must_exist() {
    List<PermissionsType> empty =
        List.of(
            Grants.cache(CacheRole.CacheReadOnly, ""),
            Grants.key(CacheRole.CacheReadOnly, CACHE, ""),
            Grants.prefix(CacheRole.CacheReadOnly, CACHE, ""),
            Grants.topics(TopicRole.TopicReadOnly, ""),
            Grants.topic(TopicRole.TopicReadOnly, CACHE, ""),
            Grants.topicPrefix(TopicRole.TopicReadOnly, CACHE, ""));
    for (PermissionsType statement : empty) {
      assertThat(mintingCode(Grants.of(statement))).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
    assertThat(mintingCode(Grants.of(Grants.topic(TopicRole.TopicReadOnly, "nowhere", "nothing"))))
        .isEqualTo(Status.Code.OK);
  }

  @Test
  void point_09_a_cache_statement_without_items_means_all_items() {
    local.set(local.apiKey(), CACHE, "item");
    for (PermissionsType statement :
        List.of(
            Grants.cache(CacheRole.CacheReadOnly, CACHE),
            Grants.allItems(CacheRole.CacheReadOnly, CACHE))) {
      String token = local.mint(Grants.of(statement));
      assertThat(local.get(token, CACHE, "item").getResultValue()).isEqualTo(2);
      assertThat(code(() -> local.set(token, CACHE, "item")))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
    }
  }

  @Test
  void point_10_a_function_statement_mints_and_grants_no_data() {
    String all = local.mint(Grants.allDataReadWrite());
    local.set(all, CACHE, "item");
    local.publish(all, CACHE, TOPIC, "sun");

    String functionsOnly = local.mint(Grants.of(Grants.functions()));
    assertThat(code(() -> local.get(functionsOnly, CACHE, "item")))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(code(() -> local.publish(functionsOnly, CACHE, TOPIC, "rain")))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void point_11_a_scope_of_key_prefix_and_topics_keeps_the_prefix() {
    String token =
        local.mint(
            Grants.of(
                Grants.prefix(CacheRole.CacheReadOnly, CACHE, "pet"),
                Grants.topics(TopicRole.TopicReadWrite, CACHE)));
    local.publish(token, CACHE, TOPIC, "sun");
    assertThat(local.get(token, CACHE, "pet-fish").getResultValue()).isEqualTo(3);
    assertThat(code(() -> local.get(token, CACHE, "car"))).isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void point_12_a_prefix_is_matched_byte_by_byte() {
    String token = local.mint(Grants.of(Grants.prefix(CacheRole.CacheReadOnly, CACHE, "pet")));
    for (String good : List.of("pet", "pet-x", "petunia")) {
      assertThat(local.get(token, CACHE, good).getResultValue()).isEqualTo(3);
    }
    for (String bad : List.of("Pet", "pe", "xpet", "")) {
      assertThat(code(() -> local.get(token, CACHE, bad))).isEqualTo(Status.Code.PERMISSION_DENIED);
    }
    // The first byte of é, which it shares with è but not with z.
    ByteString half = ByteString.copyFromUtf8("é").substring(0, 1);
    String cut = local.mint(Grants.of(Grants.prefix(CacheRole.CacheReadOnly, CACHE, half)));
    assertThat(local.get(cut, CACHE, "è").getResultValue()).isEqualTo(3);
    assertThat(code(() -> local.get(cut, CACHE, "z"))).isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void point_13_write_only_sets_and_deletes_and_learns_nothing() {
    String token = local.mint(Grants.of(Grants.cache(CacheRole.CacheWriteOnly, CACHE)));
    local.set(token, CACHE, "item");
    ByteString item = ByteString.copyFromUtf8("item");
    var scs = local.scs(token, CACHE);
    assertThat(code(() -> scs.delete(_DeleteRequest.newBuilder().setCacheKey(item).build())))
        .isEqualTo(Status.Code.OK);
    local.set(local.apiKey(), CACHE, "item");
    assertThat(
            List.of(
                code(() -> scs.get(_GetRequest.newBuilder().setCacheKey(item).build())),
                code(
                    () ->
                        scs.setIfNotExists(
                            _SetIfNotExistsRequest.newBuilder().setCacheKey(item).build())),
                code(() -> scs.setIf(_SetIfRequest.newBuilder().setCacheKey(item).build())),
                code(() -> scs.setIfHash(_SetIfHashRequest.newBuilder().setCacheKey(item).build())),
                code(() -> scs.updateTtl(_UpdateTtlRequest.newBuilder().setCacheKey(item).build())),
                code(() -> scs.increment(_IncrementRequest.newBuilder().setCacheKey(item).build())),
                code(
                    () ->
                        scs.keysExist(_KeysExistRequest.newBuilder().addCacheKeys(item).build()))))
        .containsOnly(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void point_14_rights_on_two_caches_do_not_combine() {
    local.momento.createCache("b");
    String token =
        local.mint(
            Grants.of(
                Grants.cache(CacheRole.CacheReadOnly, CACHE),
                Grants.cache(CacheRole.CacheWriteOnly, "b")));
    assertThat(local.get(token, CACHE, "item").getResultValue()).isEqualTo(3);
    local.set(token, "b", "item");
    assertThat(code(() -> local.set(token, CACHE, "item")))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(code(() -> local.get(token, "b", "item"))).isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void point_15_caches_and_topics_are_granted_apart() throws Exception {
    String cacheOnly = local.mint(Grants.of(Grants.cache(CacheRole.CacheReadWrite, CACHE)));
    assertThat(code(() -> local.publish(cacheOnly, CACHE, TOPIC, "sun")))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(local.subscribe(cacheOnly, CACHE, TOPIC).end().getCode())
        .isEqualTo(Status.Code.PERMISSION_DENIED);

    String topicsOnly = local.mint(Grants.of(Grants.topics(TopicRole.TopicReadWrite, CACHE)));
    assertThat(code(() -> local.get(topicsOnly, CACHE, "item")))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(code(() -> local.set(topicsOnly, CACHE, "item")))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void point_16_a_denied_get_tells_nothing_about_what_exists() {
    local.set(local.apiKey(), CACHE, "existing");
    String token = local.mint(Grants.of(Grants.key(CacheRole.CacheReadOnly, CACHE, "another")));
    Status existing = Local.status(() -> local.get(token, CACHE, "existing"));
    Status missing = Local.status(() -> local.get(token, CACHE, "missing"));
    Status nowhere = Local.status(() -> local.get(token, "no-such-cache", "missing"));
    assertThat(existing.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(existing.getDescription()).contains("Insufficient permissions");
    assertThat(missing.toString()).isEqualTo(existing.toString());
    assertThat(nowhere.toString()).isEqualTo(existing.toString());
    Status emptyBatch =
        Local.status(
            () ->
                local
                    .scs(token, "no-such-cache")
                    .getBatch(_GetBatchRequest.getDefaultInstance())
                    .hasNext());
    assertThat(emptyBatch.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void point_17_a_permitted_call_on_a_missing_cache_is_not_found() throws Exception {
    String all = local.mint(Grants.allDataReadWrite());
    assertThat(code(() -> local.get(all, "gone", "item"))).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(code(() -> local.set(all, "gone", "item"))).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(code(() -> local.publish(all, "gone", TOPIC, "sun")))
        .isEqualTo(Status.Code.NOT_FOUND);
    TestStream stream = local.subscribe(all, "gone", TOPIC);
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(stream.hasNothing()).isTrue();
    // Without a cache header there is nothing to find.
    assertThat(code(() -> local.get(all, "", "item"))).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void point_18_no_data_token_reaches_the_control_plane() {
    var control = local.control(local.mint(Grants.allDataReadWrite()));
    assertThat(
            List.of(
                code(
                    () ->
                        control.createCache(
                            _CreateCacheRequest.newBuilder().setCacheName("new").build())),
                code(
                    () ->
                        control.deleteCache(
                            _DeleteCacheRequest.newBuilder().setCacheName(CACHE).build())),
                code(
                    () ->
                        control.flushCache(
                            _FlushCacheRequest.newBuilder().setCacheName(CACHE).build())),
                code(() -> control.listCaches(_ListCachesRequest.getDefaultInstance()))))
        .containsOnly(Status.Code.PERMISSION_DENIED);
    assertThat(local.momento.cacheNames()).containsExactly(CACHE);
  }

  @Test
  void point_19_a_disposable_token_cannot_mint() {
    String token = local.mint(Grants.allDataReadWrite());
    Permissions readOnly = Grants.of(Grants.cache(CacheRole.CacheReadOnly, CACHE));
    assertThat(mintingCode(request(token, 60, readOnly))).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(
            code(
                () ->
                    local
                        .auth()
                        .generateApiToken(
                            _GenerateApiTokenRequest.newBuilder()
                                .setAuthToken(token)
                                .setNever(_GenerateApiTokenRequest.Never.getDefaultInstance())
                                .setPermissions(readOnly)
                                .build())))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void point_20_an_expired_or_changed_token_is_no_token() {
    String token = local.mint(Grants.allDataReadWrite());
    assertThat(local.get(token, CACHE, "item").getResultValue()).isEqualTo(3);
    for (String bad :
        List.of(
            "",
            "garbage",
            "local.",
            token + "x",
            token.substring(1),
            token.substring(0, token.length() - 1),
            token.replace("local.", "Local."),
            changed(token, token.length() - 1),
            changed(token, token.length() / 2),
            changed(token, 8))) {
      assertThat(code(() -> local.get(bad, CACHE, "item")))
          .as(bad)
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
    local.clock.advance(Duration.ofMillis(59_999));
    assertThat(local.get(token, CACHE, "item").getResultValue()).isEqualTo(3);
    local.clock.advance(Duration.ofMillis(1));
    assertThat(code(() -> local.get(token, CACHE, "item"))).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void point_21_a_subscription_ends_when_its_token_does() throws Exception {
    String token = local.mint(Grants.of(Grants.topics(TopicRole.TopicReadOnly, CACHE)));
    TestStream stream = local.subscribe(token, CACHE, TOPIC).heartbeat();
    local.publish(local.apiKey(), CACHE, TOPIC, "in time");
    assertThat(stream.texts(1)).containsExactly("in time");

    local.clock.advance(Duration.ofSeconds(60));
    local.publish(local.apiKey(), CACHE, TOPIC, "too late");
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(stream.unread()).isEmpty();
  }

  @Test
  void point_21_an_idle_subscription_ends_too_but_not_when_that_is_turned_off() throws Exception {
    String token = local.mint(Grants.of(Grants.topics(TopicRole.TopicReadOnly, CACHE)));
    TestStream idle = local.subscribe(token, CACHE, TOPIC).heartbeat();
    local.clock.advance(Duration.ofSeconds(60));
    assertThat(idle.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);

    try (Local lenient = Local.start(o -> o.withEndStreamsAtExpiry(false))) {
      String another = lenient.mint(Grants.of(Grants.topics(TopicRole.TopicReadOnly, CACHE)));
      TestStream stream = lenient.subscribe(another, CACHE, TOPIC).heartbeat();
      lenient.clock.advance(Duration.ofSeconds(60));
      lenient.publish(lenient.apiKey(), CACHE, TOPIC, "late");
      assertThat(stream.texts(1)).containsExactly("late");
    }
  }

  @Test
  void point_22_a_stream_begins_with_a_heartbeat_and_a_denied_one_with_its_status()
      throws Exception {
    String token = local.mint(Grants.of(Grants.topic(TopicRole.TopicReadOnly, CACHE, TOPIC)));
    // The next heartbeat is a day later.
    local.subscribe(token, CACHE, TOPIC).heartbeat();

    TestStream denied = local.subscribe(token, CACHE, "another");
    assertThat(denied.end().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(denied.hasNothing()).isTrue();
  }

  @Test
  void point_22_heartbeats_go_on_at_the_set_interval() throws Exception {
    try (Local beating = Local.start(o -> o.withHeartbeatInterval(Duration.ofMillis(20)))) {
      TestStream stream = beating.subscribe(beating.apiKey(), CACHE, TOPIC);
      for (int i = 0; i < 5; i++) {
        stream.heartbeat();
      }
    }
  }

  @Test
  void point_23_a_subscriber_that_comes_back_misses_and_repeats_nothing() throws Exception {
    List<String> received = new ArrayList<>();
    TestStream first = local.subscribe(local.apiKey(), CACHE, TOPIC).heartbeat();
    for (int i = 1; i <= 10; i++) {
      local.publish(local.apiKey(), CACHE, TOPIC, "m" + i);
    }
    long last = 0;
    long page = 0;
    for (int i = 1; i <= 10; i++) {
      _TopicItem item = first.item();
      received.add(item.getValue().getText());
      last = item.getTopicSequenceNumber();
      page = item.getSequencePage();
    }
    first.cancel();
    for (int i = 11; i <= 20; i++) {
      local.publish(local.apiKey(), CACHE, TOPIC, "m" + i);
    }
    TestStream second = local.subscribe(local.apiKey(), CACHE, TOPIC, last + 1, page).heartbeat();
    received.addAll(second.texts(10));
    local.publish(local.apiKey(), CACHE, TOPIC, "m21");
    received.addAll(second.texts(1));

    List<String> sent = new ArrayList<>();
    for (int i = 1; i <= 21; i++) {
      sent.add("m" + i);
    }
    assertThat(received).isEqualTo(sent);
    assertThat(first.unread()).isEmpty();
    assertThat(second.unread()).isEmpty();
  }

  @Test
  void point_24_a_stale_page_brings_one_discontinuity_and_then_what_there_is() throws Exception {
    for (int i = 1; i <= 3; i++) {
      local.publish(local.apiKey(), CACHE, TOPIC, "m" + i);
    }
    TestStream known = local.subscribe(local.apiKey(), CACHE, TOPIC, 2, 0).heartbeat();
    _TopicItem second = known.item();
    assertThat(second.getTopicSequenceNumber()).isEqualTo(2);
    assertThat(known.texts(1)).containsExactly("m3");

    long page = second.getSequencePage();
    assertThat(page).isPositive().isLessThan(1L << 53);
    TestStream stale = local.subscribe(local.apiKey(), CACHE, TOPIC, 8, page - 1).heartbeat();
    _Discontinuity discontinuity = stale.discontinuity();
    assertThat(discontinuity.getLastTopicSequence()).isEqualTo(7);
    assertThat(discontinuity.getNewTopicSequence()).isZero();
    assertThat(discontinuity.getNewSequencePage()).isEqualTo(page);
    assertThat(stale.texts(3)).containsExactly("m1", "m2", "m3");
    assertThat(stale.unread()).isEmpty();

    TestStream fresh = local.subscribe(local.apiKey(), CACHE, TOPIC).heartbeat();
    local.publish(local.apiKey(), CACHE, TOPIC, "m4");
    assertThat(fresh.item().getTopicSequenceNumber()).isEqualTo(4);
  }

  @Test
  void point_24_a_flushed_cache_begins_its_topics_anew_under_a_greater_page() throws Exception {
    TestStream stream = local.subscribe(local.apiKey(), CACHE, TOPIC).heartbeat();
    local.publish(local.apiKey(), CACHE, TOPIC, "before");
    _TopicItem before = stream.item();
    var _ =
        local
            .control(local.apiKey())
            .flushCache(_FlushCacheRequest.newBuilder().setCacheName(CACHE).build());
    local.publish(local.apiKey(), CACHE, TOPIC, "after");
    assertThat(stream.discontinuity().getNewTopicSequence()).isZero();
    _TopicItem after = stream.item();
    assertThat(after.getTopicSequenceNumber()).isEqualTo(1);
    assertThat(after.getSequencePage()).isGreaterThan(before.getSequencePage());
  }

  @Test
  void point_25_an_item_bears_the_id_of_its_publisher() throws Exception {
    Permissions topics = Grants.of(Grants.topics(TopicRole.TopicReadWrite, CACHE));
    String publisher = local.mint(topics, "Taylor");
    String subscriber = local.mint(topics, "Subscriber");
    TestStream stream = local.subscribe(subscriber, CACHE, TOPIC).heartbeat();
    local.publish(publisher, CACHE, TOPIC, "by token");
    local.publish(local.apiKey(), CACHE, TOPIC, "by key");
    assertThat(stream.item().getPublisherId()).isEqualTo("Taylor");
    assertThat(stream.item().getPublisherId()).isEmpty();
  }

  @Test
  void point_26_deleting_the_cache_ends_its_streams_with_not_found() throws Exception {
    local.momento.createCache("other");
    TestStream stream = local.subscribe(local.apiKey(), CACHE, TOPIC).heartbeat();
    TestStream other = local.subscribe(local.apiKey(), "other", TOPIC).heartbeat();
    var _ =
        local
            .control(local.apiKey())
            .deleteCache(_DeleteCacheRequest.newBuilder().setCacheName(CACHE).build());
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    local.publish(local.apiKey(), "other", TOPIC, "still here");
    assertThat(other.texts(1)).containsExactly("still here");
  }

  @Test
  void point_26_stopping_ends_streams_with_unavailable() throws Exception {
    TestStream stream = local.subscribe(local.apiKey(), CACHE, TOPIC).heartbeat();
    local.momento.close();
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(code(() -> local.get(local.apiKey(), CACHE, "item")))
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void unsubscribed_means_that_nothing_more_is_delivered() throws Exception {
    TestStream stream = local.subscribe(local.apiKey(), CACHE, TOPIC).heartbeat();
    stream.cancel();
    local.publish(local.apiKey(), CACHE, TOPIC, "unheard");
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(stream.unread()).isEmpty();
  }

  @Test
  void ping_needs_no_credential() {
    assertThat(
            code(
                () ->
                    PingGrpc.newBlockingStub(local.channel)
                        .ping(_PingRequest.getDefaultInstance())))
        .isEqualTo(Status.Code.OK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "leaderboard.Leaderboard/GetByRank",
        "webhook.Webhook/ListWebhooks",
        "auth.Auth/Login",
        "global_admin.GlobalAdmin/AddUserToAccount",
        "cache_client.Scs/NoSuchCall"
      })
  void a_call_that_is_not_served_ends_with_unimplemented(String name) {
    MethodDescriptor<_PingRequest, _PingResponse> method =
        PingGrpc.getPingMethod().toBuilder().setFullMethodName(name).build();
    Status status =
        Local.status(
            () ->
                ClientCalls.blockingUnaryCall(
                    local.channel, method, CallOptions.DEFAULT, _PingRequest.getDefaultInstance()));
    assertThat(status.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(status.getDescription()).contains("does not implement");
  }

  @Test
  void the_list_of_caches_has_their_limits() {
    _Cache cache =
        local
            .control(local.apiKey())
            .listCaches(_ListCachesRequest.getDefaultInstance())
            .getCache(0);
    assertThat(cache.getCacheLimits().getMaxItemSizeKb()).isEqualTo(4_883);
    assertThat(cache.getCacheLimits().getMaxTtlSeconds()).isEqualTo(86_400);
    assertThat(cache.getCacheLimits().getMaxThroughputKbps()).isEqualTo(10_240);
    assertThat(cache.getCacheLimits().getMaxTrafficRate()).isEqualTo(500);
    assertThat(cache.getTopicLimits().getMaxPublishRate()).isEqualTo(100);
    assertThat(cache.getTopicLimits().getMaxSubscriptionCount()).isEqualTo(100);
    assertThat(cache.getTopicLimits().getMaxPublishMessageSizeKb()).isEqualTo(100);
  }

  private Status.Code mintingCode(Permissions permissions) {
    return mintingCode(request(local.apiKey(), 60, permissions));
  }

  /** What minting comes to; a refusal must not carry a token. */
  private Status.Code mintingCode(_GenerateDisposableTokenRequest.Builder request) {
    return code(
        () ->
            assertThat(local.token().generateDisposableToken(request.build()).getApiKey())
                .isNotEmpty());
  }

  private static String changed(String token, int at) {
    char replacement = token.charAt(at) == 'A' ? 'B' : 'A';
    return token.substring(0, at) + replacement + token.substring(at + 1);
  }
}

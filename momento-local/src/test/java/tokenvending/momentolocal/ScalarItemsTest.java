package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static tokenvending.momentolocal.Local.CACHE;
import static tokenvending.momentolocal.Local.code;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tokenvending.momentolocal.wire.Absent;
import tokenvending.momentolocal.wire.AbsentOrEqual;
import tokenvending.momentolocal.wire.AbsentOrNotHashEqual;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.Equal;
import tokenvending.momentolocal.wire.NotEqual;
import tokenvending.momentolocal.wire.Present;
import tokenvending.momentolocal.wire.PresentAndHashEqual;
import tokenvending.momentolocal.wire.PresentAndNotEqual;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire._DeleteRequest;
import tokenvending.momentolocal.wire._FlushCacheRequest;
import tokenvending.momentolocal.wire._GetBatchRequest;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._GetResponse;
import tokenvending.momentolocal.wire._GetWithHashRequest;
import tokenvending.momentolocal.wire._IncrementRequest;
import tokenvending.momentolocal.wire._IncrementResponse;
import tokenvending.momentolocal.wire._ItemGetTtlRequest;
import tokenvending.momentolocal.wire._ItemGetTtlResponse;
import tokenvending.momentolocal.wire._ItemGetTypeRequest;
import tokenvending.momentolocal.wire._KeysExistRequest;
import tokenvending.momentolocal.wire._SetBatchRequest;
import tokenvending.momentolocal.wire._SetIfHashRequest;
import tokenvending.momentolocal.wire._SetIfHashResponse;
import tokenvending.momentolocal.wire._SetIfNotExistsRequest;
import tokenvending.momentolocal.wire._SetIfRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._UpdateTtlRequest;
import tokenvending.momentolocal.wire._UpdateTtlResponse;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScalarItemsTest {

  private final Local local = Local.start();
  private final ScsGrpc.ScsBlockingStub scs = local.scs(local.apiKey(), CACHE);

  @AfterAll
  void stop() {
    local.close();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static _SetRequest set(String key, ByteString value, long ttlMillis) {
    return _SetRequest.newBuilder()
        .setCacheKey(bytes(key))
        .setCacheBody(value)
        .setTtlMilliseconds(ttlMillis)
        .build();
  }

  private String value(String key) {
    _GetResponse response = scs.get(_GetRequest.newBuilder().setCacheKey(bytes(key)).build());
    return response.getResultValue() == 2 ? response.getCacheBody().toStringUtf8() : "(miss)";
  }

  @Test
  void an_item_lasts_as_long_as_its_ttl() {
    var _ = scs.set(set("brief", bytes("v"), 1_000));
    assertThat(value("brief")).isEqualTo("v");
    local.clock.advance(Duration.ofSeconds(1));
    assertThat(value("brief")).isEqualTo("(miss)");
    var _ = scs.set(set("eternal", bytes("v"), -1));
    assertThat(value("eternal")).isEqualTo("v");
    assertThat(code(() -> scs.set(set("zero", bytes("v"), 0))))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void deleting_what_is_not_there_succeeds() {
    var _ = scs.set(set("deleted", bytes("v"), 60_000));
    for (int i = 0; i < 2; i++) {
      var _ = scs.delete(_DeleteRequest.newBuilder().setCacheKey(bytes("deleted")).build());
      assertThat(value("deleted")).isEqualTo("(miss)");
    }
  }

  @Test
  void five_mebibytes_are_the_most_for_one_value() {
    ByteString largest = ByteString.copyFrom(new byte[5 * 1024 * 1024]);
    var _ = scs.set(set("large", largest, 60_000));
    assertThat(
            local
                .scs(local.apiKey(), CACHE)
                .withMaxInboundMessageSize(10_486_000)
                .get(_GetRequest.newBuilder().setCacheKey(bytes("large")).build())
                .getCacheBody())
        .isEqualTo(largest);
    Status refused = Local.status(() -> scs.set(set("larger", largest.concat(bytes("x")), 60_000)));
    assertThat(refused.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.getDescription()).contains("request limit");
    Metadata trailers =
        Objects.requireNonNull(
            Status.trailersFromThrowable(
                catchThrowable(() -> scs.set(set("larger", largest.concat(bytes("x")), 60_000)))));
    assertThat(trailers.get(Metadata.Key.of("err", Metadata.ASCII_STRING_MARSHALLER)))
        .isEqualTo("request_size_limit_exceeded");
    assertThat(value("larger")).isEqualTo("(miss)");
  }

  @Test
  void a_batch_is_answered_in_order_and_needs_all_its_rights() {
    assertThat(
            scs.setBatch(
                _SetBatchRequest.newBuilder()
                    .addItems(set("b1", bytes("one"), 60_000))
                    .addItems(set("b2", bytes("two"), 60_000))
                    .build()))
        .toIterable()
        .extracting(r -> r.getResultValue())
        .containsExactly(1, 1);
    _GetBatchRequest batch =
        _GetBatchRequest.newBuilder()
            .addItems(_GetRequest.newBuilder().setCacheKey(bytes("b2")))
            .addItems(_GetRequest.newBuilder().setCacheKey(bytes("b-none")))
            .addItems(_GetRequest.newBuilder().setCacheKey(bytes("b1")))
            .build();
    List<String> answers = new ArrayList<>();
    scs.getBatch(batch)
        .forEachRemaining(r -> answers.add(r.getResult() + r.getCacheBody().toStringUtf8()));
    assertThat(answers).containsExactly("Hittwo", "Miss", "Hitone");

    String partly = local.mint(Grants.of(Grants.key(CacheRole.CacheReadOnly, CACHE, "b1")));
    assertThat(code(() -> local.scs(partly, CACHE).getBatch(batch).hasNext()))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void one_impossible_item_leaves_the_whole_batch_unstored() {
    assertThat(
            code(
                () ->
                    scs.setBatch(
                            _SetBatchRequest.newBuilder()
                                .addItems(set("good", bytes("v"), 60_000))
                                .addItems(set("bad", bytes("v"), 0))
                                .build())
                        .hasNext()))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(value("good")).isEqualTo("(miss)");
  }

  @Test
  void the_longest_message_of_the_sdks_is_taken() {
    ByteString largest = ByteString.copyFrom(new byte[5 * 1024 * 1024]);
    _SetBatchRequest batch =
        _SetBatchRequest.newBuilder()
            .addItems(set("long-1", largest, 60_000))
            .addItems(set("long-2", largest, 60_000))
            .build();
    assertThat(batch.getSerializedSize()).isBetween(10 * 1024 * 1024, 10_486_000);
    assertThat(scs.setBatch(batch)).toIterable().hasSize(2);
    assertThat(
            code(
                () ->
                    scs.setBatch(
                            batch.toBuilder()
                                .addItems(set("more", largest.substring(0, 1_000), 1))
                                .build())
                        .hasNext()))
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void a_large_batch_arrives_whole() {
    ByteString mebibyte = ByteString.copyFrom(new byte[1024 * 1024]);
    var _ = scs.set(set("mebibyte", mebibyte, 60_000));
    _GetBatchRequest.Builder batch = _GetBatchRequest.newBuilder();
    for (int i = 0; i < 100; i++) {
      batch.addItems(_GetRequest.newBuilder().setCacheKey(bytes("mebibyte")));
    }
    int[] count = new int[1];
    scs.getBatch(batch.build())
        .forEachRemaining(r -> count[0] += r.getCacheBody().equals(mebibyte) ? 1 : 0);
    assertThat(count[0]).isEqualTo(100);
  }

  @Test
  void keys_exist_answers_for_each_key() {
    var _ = scs.set(set("here", bytes("v"), 60_000));
    assertThat(
            scs.keysExist(
                    _KeysExistRequest.newBuilder()
                        .addCacheKeys(bytes("here"))
                        .addCacheKeys(bytes("not here"))
                        .build())
                .getExistsList())
        .containsExactly(true, false);
  }

  @Test
  void set_if_follows_its_condition() {
    _SetIfRequest.Builder absent = setIf("cond").setAbsent(Absent.getDefaultInstance());
    assertThat(stored(setIf("cond").setPresent(Present.getDefaultInstance()))).isFalse();
    assertThat(stored(setIf("cond").setEqual(Equal.newBuilder().setValueToCheck(bytes("v")))))
        .isFalse();
    assertThat(stored(absent)).isTrue();
    assertThat(stored(absent)).isFalse();
    assertThat(stored(setIf("cond").setPresent(Present.getDefaultInstance()))).isTrue();
    assertThat(stored(setIf("cond").setEqual(Equal.newBuilder().setValueToCheck(bytes("v")))))
        .isTrue();
    assertThat(stored(setIf("cond").setEqual(Equal.newBuilder().setValueToCheck(bytes("w")))))
        .isFalse();
    assertThat(stored(setIf("cond").setNotEqual(NotEqual.newBuilder().setValueToCheck(bytes("v")))))
        .isFalse();
    assertThat(stored(setIf("cond").setNotEqual(NotEqual.newBuilder().setValueToCheck(bytes("w")))))
        .isTrue();
    assertThat(
            stored(
                setIf("cond")
                    .setPresentAndNotEqual(
                        PresentAndNotEqual.newBuilder().setValueToCheck(bytes("w")))))
        .isTrue();
    assertThat(
            stored(
                setIf("nothing")
                    .setPresentAndNotEqual(
                        PresentAndNotEqual.newBuilder().setValueToCheck(bytes("w")))))
        .isFalse();
    assertThat(
            stored(
                setIf("fresh")
                    .setAbsentOrEqual(AbsentOrEqual.newBuilder().setValueToCheck(bytes("w")))))
        .isTrue();
    assertThat(code(() -> scs.setIf(setIf("cond").build())))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private static _SetIfRequest.Builder setIf(String key) {
    return _SetIfRequest.newBuilder()
        .setCacheKey(bytes(key))
        .setCacheBody(bytes("v"))
        .setTtlMilliseconds(60_000);
  }

  private boolean stored(_SetIfRequest.Builder request) {
    return scs.setIf(request.build()).hasStored();
  }

  @Test
  void set_if_not_exists_stores_once() {
    _SetIfNotExistsRequest request =
        _SetIfNotExistsRequest.newBuilder()
            .setCacheKey(bytes("once"))
            .setCacheBody(bytes("v"))
            .setTtlMilliseconds(60_000)
            .build();
    assertThat(scs.setIfNotExists(request).hasStored()).isTrue();
    assertThat(scs.setIfNotExists(request).hasNotStored()).isTrue();
  }

  @Test
  void the_hash_that_get_gives_is_the_one_that_set_if_hash_takes() {
    var _ = scs.set(set("hashed", bytes("v1"), 60_000));
    ByteString hash =
        scs.getWithHash(_GetWithHashRequest.newBuilder().setCacheKey(bytes("hashed")).build())
            .getFound()
            .getHash();
    _SetIfHashRequest request =
        _SetIfHashRequest.newBuilder()
            .setCacheKey(bytes("hashed"))
            .setCacheBody(bytes("v2"))
            .setTtlMilliseconds(60_000)
            .setPresentAndHashEqual(PresentAndHashEqual.newBuilder().setHashToCheck(hash))
            .build();
    _SetIfHashResponse first = scs.setIfHash(request);
    assertThat(first.hasStored()).isTrue();
    assertThat(first.getStored().getNewHash()).isNotEqualTo(hash);
    assertThat(scs.setIfHash(request).hasNotStored()).isTrue();
    assertThat(
            scs.setIfHash(
                    request.toBuilder()
                        .setAbsentOrNotHashEqual(
                            AbsentOrNotHashEqual.newBuilder()
                                .setHashToCheck(first.getStored().getNewHash()))
                        .build())
                .hasNotStored())
        .isTrue();
    assertThat(value("hashed")).isEqualTo("v2");
  }

  @Test
  void increment_counts_from_nothing_and_only_with_integers() {
    assertThat(increment("count", 3)).isEqualTo(3);
    assertThat(increment("count", -5)).isEqualTo(-2);
    assertThat(value("count")).isEqualTo("-2");
    var _ = scs.set(set("word", bytes("one"), 60_000));
    assertThat(code(() -> increment("word", 1))).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(value("word")).isEqualTo("one");
    assertThat(increment("vast", Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(code(() -> increment("vast", 1))).isEqualTo(Status.Code.FAILED_PRECONDITION);
  }

  private long increment(String key, long amount) {
    _IncrementResponse response =
        scs.increment(
            _IncrementRequest.newBuilder()
                .setCacheKey(bytes(key))
                .setAmount(amount)
                .setTtlMilliseconds(60_000)
                .build());
    return response.getValue();
  }

  @Test
  void a_ttl_can_be_raised_lowered_overwritten_and_read() {
    var _ = scs.set(set("ttl", bytes("v"), 10_000));
    _UpdateTtlRequest.Builder update = _UpdateTtlRequest.newBuilder().setCacheKey(bytes("ttl"));
    assertThat(update(update.setIncreaseToMilliseconds(5_000)).hasNotSet()).isTrue();
    assertThat(remaining("ttl")).isEqualTo(10_000);
    assertThat(update(update.setIncreaseToMilliseconds(20_000)).hasSet()).isTrue();
    assertThat(remaining("ttl")).isEqualTo(20_000);
    assertThat(update(update.setDecreaseToMilliseconds(30_000)).hasNotSet()).isTrue();
    assertThat(update(update.setDecreaseToMilliseconds(7_000)).hasSet()).isTrue();
    assertThat(remaining("ttl")).isEqualTo(7_000);
    assertThat(update(update.setOverwriteToMilliseconds(9_000)).hasSet()).isTrue();
    assertThat(remaining("ttl")).isEqualTo(9_000);
    assertThat(update(update.setCacheKey(bytes("no ttl"))).hasMissing()).isTrue();
    assertThat(code(() -> update(update.setOverwriteToMilliseconds(0))))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private _UpdateTtlResponse update(_UpdateTtlRequest.Builder request) {
    return scs.updateTtl(request.build());
  }

  private long remaining(String key) {
    _ItemGetTtlResponse response =
        scs.itemGetTtl(_ItemGetTtlRequest.newBuilder().setCacheKey(bytes(key)).build());
    return response.getFound().getRemainingTtlMillis();
  }

  @Test
  void every_item_is_a_scalar() {
    var _ = scs.set(set("scalar", bytes("v"), 60_000));
    _ItemGetTypeRequest.Builder request = _ItemGetTypeRequest.newBuilder();
    assertThat(
            scs.itemGetType(request.setCacheKey(bytes("scalar")).build())
                .getFound()
                .getItemTypeValue())
        .isZero();
    assertThat(scs.itemGetType(request.setCacheKey(bytes("no scalar")).build()).hasMissing())
        .isTrue();
  }

  @Test
  void flushing_empties_one_cache() {
    local.momento.createCache("flushed");
    local.set(local.apiKey(), "flushed", "item");
    local.set(local.apiKey(), CACHE, "kept");
    var _ =
        local
            .control(local.apiKey())
            .flushCache(_FlushCacheRequest.newBuilder().setCacheName("flushed").build());
    assertThat(local.get(local.apiKey(), "flushed", "item").getResultValue()).isEqualTo(3);
    assertThat(value("kept")).isEqualTo("value");
  }
}

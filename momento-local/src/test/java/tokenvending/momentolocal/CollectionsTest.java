package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;
import static tokenvending.momentolocal.Local.code;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tokenvending.momentolocal.wire.CacheRole;
import tokenvending.momentolocal.wire.ECacheResult;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire._DictionarySetRequest;
import tokenvending.momentolocal.wire._GetBatchRequest;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._IncrementRequest;
import tokenvending.momentolocal.wire._ItemGetTtlRequest;
import tokenvending.momentolocal.wire._ItemGetTypeRequest;
import tokenvending.momentolocal.wire._ItemGetTypeResponse.ItemType;
import tokenvending.momentolocal.wire._ListConcatenateBackRequest;
import tokenvending.momentolocal.wire._ListLengthRequest;
import tokenvending.momentolocal.wire._ListPushBackRequest;
import tokenvending.momentolocal.wire._ListRetainRequest;
import tokenvending.momentolocal.wire._SetFetchRequest;
import tokenvending.momentolocal.wire._SetIfNotExistsRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SetUnionRequest;
import tokenvending.momentolocal.wire._SortedSetPutRequest;
import tokenvending.momentolocal.wire._SortedSetUnionStoreRequest;

/** What all collections have in common. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CollectionsTest {

  private final Local local = Local.start();
  private final ScsGrpc.ScsBlockingStub scs = local.scs(local.apiKey(), CACHE);

  @AfterAll
  void stop() {
    local.close();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private void union(String name, long ttlMillis, boolean refresh) {
    var _ =
        scs.setUnion(
            _SetUnionRequest.newBuilder()
                .setSetName(bytes(name))
                .addElements(bytes("a"))
                .setTtlMilliseconds(ttlMillis)
                .setRefreshTtl(refresh)
                .build());
  }

  private long ttl(String name) {
    return scs.itemGetTtl(_ItemGetTtlRequest.newBuilder().setCacheKey(bytes(name)).build())
        .getFound()
        .getRemainingTtlMillis();
  }

  private ItemType type(String name) {
    return scs.itemGetType(_ItemGetTypeRequest.newBuilder().setCacheKey(bytes(name)).build())
        .getFound()
        .getItemType();
  }

  @Test
  void a_write_sets_the_ttl_of_a_new_collection_and_of_an_old_one_only_to_refresh_it() {
    union("ttl", 10_000, false);
    assertThat(ttl("ttl")).isEqualTo(10_000);
    local.clock.advance(Duration.ofSeconds(1));
    union("ttl", 60_000, false);
    assertThat(ttl("ttl")).isEqualTo(9_000);
    union("ttl", 60_000, true);
    assertThat(ttl("ttl")).isEqualTo(60_000);
    assertThat(code(() -> union("ttl", 0, true))).isEqualTo(Status.Code.INVALID_ARGUMENT);
    local.clock.advance(Duration.ofSeconds(60));
    _SetFetchRequest fetch = _SetFetchRequest.newBuilder().setSetName(bytes("ttl")).build();
    assertThat(scs.setFetch(fetch).hasMissing()).isTrue();
  }

  @Test
  void retaining_a_part_of_a_list_can_refresh_its_ttl() {
    _ListPushBackRequest push =
        _ListPushBackRequest.newBuilder()
            .setListName(bytes("kept"))
            .setTtlMilliseconds(10_000)
            .build();
    var _ = scs.listPushBack(push);
    _ListRetainRequest.Builder retain = _ListRetainRequest.newBuilder().setListName(bytes("kept"));
    var _ = scs.listRetain(retain.setTtlMilliseconds(90_000).build());
    assertThat(ttl("kept")).isEqualTo(10_000);
    var _ = scs.listRetain(retain.setRefreshTtl(true).build());
    assertThat(ttl("kept")).isEqualTo(90_000);
  }

  @Test
  void an_item_has_one_type_and_only_its_operations_apply() {
    ByteString name = bytes("typed");
    union("typed", 60_000, false);
    assertThat(type("typed")).isEqualTo(ItemType.SET);
    _GetRequest get = _GetRequest.newBuilder().setCacheKey(name).build();
    _IncrementRequest increment =
        _IncrementRequest.newBuilder().setCacheKey(name).setTtlMilliseconds(60_000).build();
    _ListLengthRequest length = _ListLengthRequest.newBuilder().setListName(name).build();
    _ListPushBackRequest push =
        _ListPushBackRequest.newBuilder().setListName(name).setTtlMilliseconds(60_000).build();
    _DictionarySetRequest fields =
        _DictionarySetRequest.newBuilder()
            .setDictionaryName(name)
            .setTtlMilliseconds(60_000)
            .build();
    _SortedSetPutRequest scores =
        _SortedSetPutRequest.newBuilder().setSetName(name).setTtlMilliseconds(60_000).build();
    List<ThrowingCallable> others =
        List.of(
            () -> scs.get(get),
            () -> scs.increment(increment),
            () -> scs.listLength(length),
            () -> scs.listPushBack(push),
            () -> scs.dictionarySet(fields),
            () -> scs.sortedSetPut(scores));
    for (ThrowingCallable other : others) {
      Status status = Local.status(other);
      assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(status.getDescription()).contains("SET");
    }
    _GetBatchRequest batch = _GetBatchRequest.newBuilder().addItems(get).build();
    assertThat(scs.getBatch(batch).next().getResult()).isEqualTo(ECacheResult.Invalid);
    _SetIfNotExistsRequest absent =
        _SetIfNotExistsRequest.newBuilder().setCacheKey(name).setTtlMilliseconds(60_000).build();
    assertThat(scs.setIfNotExists(absent).hasNotStored()).isTrue();
    assertThat(type("typed")).as("after all refusals").isEqualTo(ItemType.SET);

    var _ = scs.set(_SetRequest.newBuilder().setCacheKey(name).setTtlMilliseconds(60_000).build());
    assertThat(type("typed")).as("Set replaces every type").isEqualTo(ItemType.SCALAR);
  }

  @Test
  void a_collection_is_limited_and_a_refused_write_leaves_it_as_it_was() {
    _ListConcatenateBackRequest.Builder many =
        _ListConcatenateBackRequest.newBuilder()
            .setListName(bytes("hostile"))
            .setTtlMilliseconds(60_000);
    for (int i = 0; i < 100_000; i++) {
      many.addValues(bytes("x"));
    }
    assertThat(scs.listConcatenateBack(many.build()).getListLength()).isEqualTo(100_000);
    assertThat(scs.listConcatenateBack(many.build()).getListLength()).isEqualTo(200_000);
    Status refused = Local.status(() -> scs.listConcatenateBack(many.build()));
    assertThat(refused.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.getDescription()).contains("item size");
    assertThat(
            scs.listLength(_ListLengthRequest.newBuilder().setListName(bytes("hostile")).build())
                .getFound()
                .getLength())
        .isEqualTo(200_000);
  }

  @Test
  void a_union_requires_the_permission_for_each_of_its_sets() {
    String token = local.mint(Grants.of(Grants.prefix(CacheRole.CacheReadWrite, CACHE, "own-")));
    _SortedSetUnionStoreRequest.Builder union =
        _SortedSetUnionStoreRequest.newBuilder()
            .setSetName(bytes("own-sum"))
            .setTtlMilliseconds(60_000);
    union.addSourcesBuilder().setSetName(bytes("own-a"));
    assertThat(code(() -> local.scs(token, CACHE).sortedSetUnionStore(union.build())))
        .isEqualTo(Status.Code.OK);
    union.addSourcesBuilder().setSetName(bytes("other"));
    assertThat(code(() -> local.scs(token, CACHE).sortedSetUnionStore(union.build())))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }
}

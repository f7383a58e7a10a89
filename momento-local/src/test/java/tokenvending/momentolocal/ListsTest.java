package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;

import com.google.protobuf.ByteString;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire._ListConcatenateBackRequest;
import tokenvending.momentolocal.wire._ListConcatenateFrontRequest;
import tokenvending.momentolocal.wire._ListEraseRequest;
import tokenvending.momentolocal.wire._ListFetchRequest;
import tokenvending.momentolocal.wire._ListFetchResponse;
import tokenvending.momentolocal.wire._ListLengthRequest;
import tokenvending.momentolocal.wire._ListPopBackRequest;
import tokenvending.momentolocal.wire._ListPopFrontRequest;
import tokenvending.momentolocal.wire._ListPushBackRequest;
import tokenvending.momentolocal.wire._ListPushFrontRequest;
import tokenvending.momentolocal.wire._ListRange;
import tokenvending.momentolocal.wire._ListRemoveRequest;
import tokenvending.momentolocal.wire._ListRetainRequest;

/** Operations on lists. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ListsTest {

  private final Local local = Local.start();
  private final ScsGrpc.ScsBlockingStub scs = local.scs(local.apiKey(), CACHE);

  @AfterAll
  void stop() {
    local.close();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private void fill(String name, String... values) {
    var _ =
        scs.listConcatenateBack(
            _ListConcatenateBackRequest.newBuilder()
                .setListName(bytes(name))
                .addAllValues(Stream.of(values).map(ListsTest::bytes).toList())
                .setTtlMilliseconds(60_000)
                .build());
  }

  private String fetch(String name) {
    return text(_ListFetchRequest.newBuilder().setListName(bytes(name)));
  }

  private String text(_ListFetchRequest.Builder request) {
    _ListFetchResponse response = scs.listFetch(request.build());
    return response.hasMissing()
        ? "missing"
        : String.join(
            " ",
            response.getFound().getValuesList().stream().map(ByteString::toStringUtf8).toList());
  }

  @Test
  void values_are_pushed_at_both_ends_and_truncated_at_the_other() {
    _ListPushFrontRequest.Builder front =
        _ListPushFrontRequest.newBuilder().setListName(bytes("p")).setTtlMilliseconds(60_000);
    _ListPushBackRequest.Builder back =
        _ListPushBackRequest.newBuilder().setListName(bytes("p")).setTtlMilliseconds(60_000);
    assertThat(scs.listPushFront(front.setValue(bytes("b")).build()).getListLength()).isEqualTo(1);
    assertThat(scs.listPushFront(front.setValue(bytes("a")).build()).getListLength()).isEqualTo(2);
    assertThat(scs.listPushBack(back.setValue(bytes("c")).build()).getListLength()).isEqualTo(3);
    assertThat(fetch("p")).isEqualTo("a b c");
    front.setTruncateBackToSize(3);
    assertThat(scs.listPushFront(front.setValue(bytes("z")).build()).getListLength()).isEqualTo(3);
    assertThat(fetch("p")).isEqualTo("z a b");
    back.setTruncateFrontToSize(2);
    assertThat(scs.listPushBack(back.setValue(bytes("d")).build()).getListLength()).isEqualTo(2);
    assertThat(fetch("p")).isEqualTo("b d");
  }

  @Test
  void concatenated_values_keep_their_order() {
    fill("c", "c", "d");
    _ListConcatenateFrontRequest.Builder front =
        _ListConcatenateFrontRequest.newBuilder()
            .setListName(bytes("c"))
            .addValues(bytes("a"))
            .addValues(bytes("b"))
            .setTtlMilliseconds(60_000)
            .setTruncateBackToSize(3);
    assertThat(scs.listConcatenateFront(front.build()).getListLength()).isEqualTo(3);
    assertThat(fetch("c")).isEqualTo("a b c");
    _ListConcatenateBackRequest.Builder back =
        _ListConcatenateBackRequest.newBuilder()
            .setListName(bytes("c"))
            .addValues(bytes("d"))
            .addValues(bytes("e"))
            .setTtlMilliseconds(60_000)
            .setTruncateFrontToSize(4);
    assertThat(scs.listConcatenateBack(back.build()).getListLength()).isEqualTo(4);
    assertThat(fetch("c")).isEqualTo("b c d e");
  }

  @Test
  void a_popped_list_becomes_shorter_and_at_last_is_missing() {
    fill("pop", "a", "b", "c");
    _ListPopFrontRequest front =
        _ListPopFrontRequest.newBuilder().setListName(bytes("pop")).build();
    _ListPopBackRequest back = _ListPopBackRequest.newBuilder().setListName(bytes("pop")).build();
    assertThat(scs.listPopFront(front).getFound().getFront()).isEqualTo(bytes("a"));
    assertThat(scs.listPopBack(back).getFound().getBack()).isEqualTo(bytes("c"));
    assertThat(scs.listPopBack(back).getFound().getListLength()).isZero();
    assertThat(scs.listPopFront(front).hasMissing()).isTrue();
    assertThat(scs.listPopBack(back).hasMissing()).isTrue();
    assertThat(fetch("pop")).isEqualTo("missing");
  }

  @Test
  void indexes_can_be_negative_open_or_beyond_the_list() {
    fill("f", "a", "b", "c", "d");
    _ListFetchRequest.Builder request = _ListFetchRequest.newBuilder().setListName(bytes("f"));
    assertThat(text(request.setInclusiveStart(1).setExclusiveEnd(3))).isEqualTo("b c");
    assertThat(text(request.setInclusiveStart(-3).setExclusiveEnd(-1))).isEqualTo("b c");
    assertThat(text(request.clearExclusiveEnd())).isEqualTo("b c d");
    assertThat(text(request.clearInclusiveStart().setExclusiveEnd(2))).isEqualTo("a b");
    assertThat(text(request.setInclusiveStart(-9).setExclusiveEnd(9))).isEqualTo("a b c d");
    assertThat(text(request.setInclusiveStart(3).setExclusiveEnd(1))).isEmpty();
    assertThat(text(request.setInclusiveStart(4).clearExclusiveEnd())).isEmpty();
  }

  @Test
  void values_are_removed_by_value_by_range_and_altogether() {
    fill("r", "a", "b", "a", "c", "d", "e");
    _ListRemoveRequest remove =
        _ListRemoveRequest.newBuilder()
            .setListName(bytes("r"))
            .setAllElementsWithValue(bytes("a"))
            .build();
    assertThat(scs.listRemove(remove).getFound().getListLength()).isEqualTo(4);
    _ListEraseRequest.Builder erase = _ListEraseRequest.newBuilder().setListName(bytes("r"));
    erase
        .getSomeBuilder()
        .addRanges(_ListRange.newBuilder().setBeginIndex(1).setCount(1))
        .addRanges(_ListRange.newBuilder().setBeginIndex(1).setCount(2))
        .addRanges(_ListRange.newBuilder().setBeginIndex(9).setCount(-1));
    assertThat(scs.listErase(erase.build()).getFound().getListLength()).isEqualTo(2);
    assertThat(fetch("r")).isEqualTo("b e");
    erase.setAll(_ListEraseRequest._All.getDefaultInstance());
    assertThat(scs.listErase(erase.build()).getFound().getListLength()).isZero();
    assertThat(scs.listErase(erase.build()).hasMissing()).isTrue();
    assertThat(scs.listRemove(remove).hasMissing()).isTrue();
  }

  @Test
  void retaining_nothing_removes_the_list() {
    fill("k", "a", "b", "c", "d");
    _ListRetainRequest.Builder retain =
        _ListRetainRequest.newBuilder()
            .setListName(bytes("k"))
            .setInclusiveStart(1)
            .setExclusiveEnd(-1);
    assertThat(scs.listRetain(retain.build()).getFound().getListLength()).isEqualTo(2);
    assertThat(fetch("k")).isEqualTo("b c");
    retain.setInclusiveStart(5).clearExclusiveEnd();
    assertThat(scs.listRetain(retain.build()).getFound().getListLength()).isZero();
    assertThat(scs.listRetain(retain.build()).hasMissing()).isTrue();
    assertThat(
            scs.listLength(_ListLengthRequest.newBuilder().setListName(bytes("k")).build())
                .hasMissing())
        .isTrue();
  }
}

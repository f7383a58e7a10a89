package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;
import static tokenvending.momentolocal.Local.code;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire._DictionaryDeleteRequest;
import tokenvending.momentolocal.wire._DictionaryFetchRequest;
import tokenvending.momentolocal.wire._DictionaryFetchResponse;
import tokenvending.momentolocal.wire._DictionaryFieldValuePair;
import tokenvending.momentolocal.wire._DictionaryGetRequest;
import tokenvending.momentolocal.wire._DictionaryIncrementRequest;
import tokenvending.momentolocal.wire._DictionaryLengthRequest;
import tokenvending.momentolocal.wire._DictionaryLengthResponse;
import tokenvending.momentolocal.wire._DictionarySetRequest;

/** Operations on dictionaries. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DictionariesTest {

  private final Local local = Local.start();
  private final ScsGrpc.ScsBlockingStub scs = local.scs(local.apiKey(), CACHE);

  @AfterAll
  void stop() {
    local.close();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private void set(String name, Map<String, String> fields) {
    _DictionarySetRequest.Builder request =
        _DictionarySetRequest.newBuilder()
            .setDictionaryName(bytes(name))
            .setTtlMilliseconds(60_000);
    fields.forEach(
        (field, value) ->
            request.addItems(
                _DictionaryFieldValuePair.newBuilder()
                    .setField(bytes(field))
                    .setValue(bytes(value))));
    var _ = scs.dictionarySet(request.build());
  }

  private _DictionaryFetchResponse response(String name) {
    return scs.dictionaryFetch(
        _DictionaryFetchRequest.newBuilder().setDictionaryName(bytes(name)).build());
  }

  private Map<String, String> fetch(String name) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (_DictionaryFieldValuePair pair : response(name).getFound().getItemsList()) {
      fields.put(pair.getField().toStringUtf8(), pair.getValue().toStringUtf8());
    }
    return fields;
  }

  private _DictionaryLengthResponse length(String name) {
    return scs.dictionaryLength(
        _DictionaryLengthRequest.newBuilder().setDictionaryName(bytes(name)).build());
  }

  @Test
  void fields_are_set_overwritten_and_fetched() {
    set("d", Map.of("a", "1", "b", "2"));
    set("d", Map.of("b", "3"));
    assertThat(fetch("d")).isEqualTo(Map.of("a", "1", "b", "3"));
    assertThat(length("d").getFound().getLength()).isEqualTo(2);
  }

  @Test
  void get_answers_for_each_field_in_order() {
    set("g", Map.of("a", "1", "b", "2"));
    _DictionaryGetRequest.Builder request =
        _DictionaryGetRequest.newBuilder()
            .setDictionaryName(bytes("g"))
            .addFields(bytes("b"))
            .addFields(bytes("none"))
            .addFields(bytes("a"));
    assertThat(scs.dictionaryGet(request.build()).getFound().getItemsList())
        .extracting(part -> part.getResult() + part.getCacheBody().toStringUtf8())
        .containsExactly("Hit2", "Miss", "Hit1");
    request.setDictionaryName(bytes("absent"));
    assertThat(scs.dictionaryGet(request.build()).hasMissing()).isTrue();
  }

  @Test
  void a_dictionary_without_fields_is_missing() {
    set("e", Map.of("a", "1", "b", "2", "c", "3"));
    _DictionaryDeleteRequest.Builder request =
        _DictionaryDeleteRequest.newBuilder().setDictionaryName(bytes("e"));
    request.getSomeBuilder().addFields(bytes("a")).addFields(bytes("none"));
    var _ = scs.dictionaryDelete(request.build());
    assertThat(fetch("e")).containsOnlyKeys("b", "c");
    request.setAll(_DictionaryDeleteRequest.All.getDefaultInstance());
    for (int i = 0; i < 2; i++) {
      var _ = scs.dictionaryDelete(request.build());
      assertThat(response("e").hasMissing()).isTrue();
      assertThat(length("e").hasMissing()).isTrue();
    }
  }

  @Test
  void increment_counts_from_nothing_and_only_with_integers() {
    _DictionaryIncrementRequest.Builder request =
        _DictionaryIncrementRequest.newBuilder()
            .setDictionaryName(bytes("i"))
            .setField(bytes("n"))
            .setAmount(5)
            .setTtlMilliseconds(60_000);
    assertThat(scs.dictionaryIncrement(request.build()).getValue()).isEqualTo(5);
    assertThat(scs.dictionaryIncrement(request.setAmount(-7).build()).getValue()).isEqualTo(-2);
    set("i", Map.of("text", "x"));
    assertThat(code(() -> scs.dictionaryIncrement(request.setField(bytes("text")).build())))
        .isEqualTo(Status.Code.FAILED_PRECONDITION);
    request.setField(bytes("n")).setAmount(Long.MIN_VALUE);
    assertThat(code(() -> scs.dictionaryIncrement(request.build())))
        .isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(fetch("i")).isEqualTo(Map.of("n", "-2", "text", "x"));
  }
}

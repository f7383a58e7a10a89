package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;
import static tokenvending.momentolocal.Local.code;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tokenvending.momentolocal.wire.ECacheResult;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire._SortedSetElement;
import tokenvending.momentolocal.wire._SortedSetFetchRequest;
import tokenvending.momentolocal.wire._SortedSetFetchResponse;
import tokenvending.momentolocal.wire._SortedSetGetRankRequest;
import tokenvending.momentolocal.wire._SortedSetGetScoreRequest;
import tokenvending.momentolocal.wire._SortedSetIncrementRequest;
import tokenvending.momentolocal.wire._SortedSetLengthByScoreRequest;
import tokenvending.momentolocal.wire._SortedSetLengthRequest;
import tokenvending.momentolocal.wire._SortedSetPutRequest;
import tokenvending.momentolocal.wire._SortedSetRemoveRequest;
import tokenvending.momentolocal.wire._SortedSetUnionStoreRequest;

/** Operations on sorted sets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SortedSetsTest {

  private final Local local = Local.start();
  private final ScsGrpc.ScsBlockingStub scs = local.scs(local.apiKey(), CACHE);

  @AfterAll
  void stop() {
    local.close();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private void put(String name, Map<String, Double> scores) {
    _SortedSetPutRequest.Builder request =
        _SortedSetPutRequest.newBuilder().setSetName(bytes(name)).setTtlMilliseconds(60_000);
    scores.forEach(
        (value, score) ->
            request.addElements(
                _SortedSetElement.newBuilder().setValue(bytes(value)).setScore(score)));
    var _ = scs.sortedSetPut(request.build());
  }

  private String fetch(_SortedSetFetchRequest.Builder request) {
    _SortedSetFetchResponse response = scs.sortedSetFetch(request.build());
    if (response.hasMissing()) {
      return "missing";
    }
    List<String> found =
        request.getWithScores()
            ? response.getFound().getValuesWithScores().getElementsList().stream()
                .map(one -> one.getValue().toStringUtf8() + "=" + one.getScore())
                .toList()
            : response.getFound().getValues().getValuesList().stream()
                .map(ByteString::toStringUtf8)
                .toList();
    return String.join(" ", found);
  }

  private static _SortedSetFetchRequest.Builder all(String name) {
    return _SortedSetFetchRequest.newBuilder()
        .setSetName(bytes(name))
        .setWithScores(true)
        .setByIndex(_SortedSetFetchRequest._ByIndex.getDefaultInstance());
  }

  @Test
  void values_are_in_the_order_of_their_scores_and_then_of_their_bytes() {
    put("o", Map.of("b", 1.0, "a", 1.0, "z", -2.0, "m", 3.5));
    assertThat(fetch(all("o"))).isEqualTo("z=-2.0 a=1.0 b=1.0 m=3.5");
    put("o", Map.of("z", 9.0));
    assertThat(fetch(all("o").setWithScores(false))).isEqualTo("a b m z");
    assertThat(fetch(all("o").setOrder(_SortedSetFetchRequest.Order.DESCENDING)))
        .isEqualTo("z=9.0 m=3.5 b=1.0 a=1.0");
  }

  @Test
  void a_range_of_indexes_follows_the_order() {
    put("x", Map.of("a", 1.0, "b", 2.0, "c", 3.0, "d", 4.0));
    _SortedSetFetchRequest.Builder request = all("x").setWithScores(false);
    request.getByIndexBuilder().setInclusiveStartIndex(1).setExclusiveEndIndex(3);
    assertThat(fetch(request)).isEqualTo("b c");
    request.setOrder(_SortedSetFetchRequest.Order.DESCENDING);
    request.getByIndexBuilder().setInclusiveStartIndex(-4).setExclusiveEndIndex(-2);
    assertThat(fetch(request)).isEqualTo("d c");
    request.getByIndexBuilder().setInclusiveStartIndex(4).setExclusiveEndIndex(9);
    assertThat(fetch(request)).isEmpty();
    assertThat(fetch(request.setSetName(bytes("absent")))).isEqualTo("missing");
  }

  @Test
  void a_range_of_scores_has_bounds_an_offset_and_a_count() {
    put("y", Map.of("a", 1.0, "b", 2.0, "c", 3.0, "d", 4.0));
    _SortedSetFetchRequest.Builder request =
        _SortedSetFetchRequest.newBuilder().setSetName(bytes("y"));
    request.getByScoreBuilder().setCount(-1).getMinScoreBuilder().setScore(2);
    assertThat(fetch(request)).isEqualTo("b c d");
    request.getByScoreBuilder().getMinScoreBuilder().setExclusive(true);
    request.getByScoreBuilder().getMaxScoreBuilder().setScore(4);
    assertThat(fetch(request)).isEqualTo("c d");
    request.getByScoreBuilder().getMaxScoreBuilder().setExclusive(true);
    assertThat(fetch(request)).isEqualTo("c");
    request.getByScoreBuilder().clearMinScore().clearMaxScore().setOffset(1).setCount(2);
    assertThat(fetch(request)).isEqualTo("b c");
    assertThat(fetch(request.setOrder(_SortedSetFetchRequest.Order.DESCENDING))).isEqualTo("c b");

    _SortedSetLengthByScoreRequest.Builder length =
        _SortedSetLengthByScoreRequest.newBuilder().setSetName(bytes("y"));
    assertThat(length(length)).isEqualTo(4);
    assertThat(length(length.setInclusiveMin(2).setExclusiveMax(4))).isEqualTo(2);
    assertThat(length(length.setExclusiveMin(2).setInclusiveMax(4))).isEqualTo(2);
    assertThat(scs.sortedSetLengthByScore(length.setSetName(bytes("absent")).build()).hasMissing())
        .isTrue();
  }

  private int length(_SortedSetLengthByScoreRequest.Builder request) {
    return scs.sortedSetLengthByScore(request.build()).getFound().getLength();
  }

  @Test
  void scores_and_ranks_are_hits_or_misses_in_a_set_that_exists() {
    put("r", Map.of("a", 1.0, "b", 2.0, "c", 3.0));
    _SortedSetGetScoreRequest.Builder score =
        _SortedSetGetScoreRequest.newBuilder()
            .setSetName(bytes("r"))
            .addValues(bytes("c"))
            .addValues(bytes("none"));
    assertThat(scs.sortedSetGetScore(score.build()).getFound().getElementsList())
        .extracting(part -> part.getResult() + " " + part.getScore())
        .containsExactly("Hit 3.0", "Miss 0.0");
    assertThat(scs.sortedSetGetScore(score.setSetName(bytes("absent")).build()).hasMissing())
        .isTrue();

    _SortedSetGetRankRequest.Builder rank =
        _SortedSetGetRankRequest.newBuilder().setSetName(bytes("r")).setValue(bytes("a"));
    assertThat(scs.sortedSetGetRank(rank.build()).getElementRank().getRank()).isZero();
    rank.setOrder(_SortedSetGetRankRequest.Order.DESCENDING);
    assertThat(scs.sortedSetGetRank(rank.build()).getElementRank().getRank()).isEqualTo(2);
    assertThat(
            scs.sortedSetGetRank(rank.setValue(bytes("none")).build()).getElementRank().getResult())
        .isEqualTo(ECacheResult.Miss);
    assertThat(scs.sortedSetGetRank(rank.setSetName(bytes("absent")).build()).hasMissing())
        .isTrue();
  }

  @Test
  void a_score_is_a_number() {
    assertThat(code(() -> put("n", Map.of("a", Double.NaN))))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    _SortedSetIncrementRequest.Builder increment =
        _SortedSetIncrementRequest.newBuilder()
            .setSetName(bytes("n"))
            .setValue(bytes("a"))
            .setTtlMilliseconds(60_000);
    assertThat(scs.sortedSetIncrement(increment.setAmount(1.5).build()).getScore()).isEqualTo(1.5);
    assertThat(scs.sortedSetIncrement(increment.setAmount(-2).build()).getScore()).isEqualTo(-0.5);
    increment.setAmount(Double.POSITIVE_INFINITY);
    assertThat(scs.sortedSetIncrement(increment.build()).getScore()).isInfinite();
    increment.setAmount(Double.NEGATIVE_INFINITY);
    assertThat(code(() -> scs.sortedSetIncrement(increment.build())))
        .isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(fetch(all("n"))).isEqualTo("a=Infinity");
  }

  @Test
  void a_set_of_which_all_is_removed_is_missing() {
    put("m", Map.of("a", 1.0, "b", 2.0));
    _SortedSetRemoveRequest.Builder remove =
        _SortedSetRemoveRequest.newBuilder().setSetName(bytes("m"));
    remove.getSomeBuilder().addValues(bytes("a")).addValues(bytes("none"));
    var _ = scs.sortedSetRemove(remove.build());
    assertThat(fetch(all("m"))).isEqualTo("b=2.0");
    remove.setAll(_SortedSetRemoveRequest._All.getDefaultInstance());
    var _ = scs.sortedSetRemove(remove.build());
    assertThat(fetch(all("m"))).isEqualTo("missing");
    assertThat(
            scs.sortedSetLength(_SortedSetLengthRequest.newBuilder().setSetName(bytes("m")).build())
                .hasMissing())
        .isTrue();
  }

  @Test
  void a_union_is_weighted_aggregated_and_replaces_what_was_stored() {
    put("u1", Map.of("a", 1.0, "b", 2.0));
    put("u2", Map.of("b", 3.0, "c", 4.0));
    put("sum", Map.of("old", 1.0));
    _SortedSetUnionStoreRequest.Builder union =
        _SortedSetUnionStoreRequest.newBuilder()
            .setSetName(bytes("sum"))
            .setTtlMilliseconds(60_000)
            .addSources(source("u1", 1))
            .addSources(source("u2", 10))
            .addSources(source("absent", 1));
    assertThat(scs.sortedSetUnionStore(union.build()).getLength()).isEqualTo(3);
    assertThat(fetch(all("sum"))).isEqualTo("a=1.0 b=32.0 c=40.0");
    union.setAggregate(_SortedSetUnionStoreRequest.AggregateFunction.MIN);
    var _ = scs.sortedSetUnionStore(union.build());
    assertThat(fetch(all("sum"))).isEqualTo("a=1.0 b=2.0 c=40.0");
    union.setAggregate(_SortedSetUnionStoreRequest.AggregateFunction.MAX);
    var _ = scs.sortedSetUnionStore(union.build());
    assertThat(fetch(all("sum"))).isEqualTo("a=1.0 b=30.0 c=40.0");
    union.clearSources().addSources(source("sum", 2)).addSources(source("u1", 1));
    var _ = scs.sortedSetUnionStore(union.build());
    assertThat(fetch(all("sum"))).as("it is one of its sources").isEqualTo("a=2.0 b=60.0 c=80.0");
    union.clearSources().addSources(source("absent", 1));
    assertThat(scs.sortedSetUnionStore(union.build()).getLength()).isZero();
    assertThat(fetch(all("sum"))).isEqualTo("missing");
  }

  private static _SortedSetUnionStoreRequest._Source source(String name, float weight) {
    return _SortedSetUnionStoreRequest._Source.newBuilder()
        .setSetName(bytes(name))
        .setWeight(weight)
        .build();
  }
}

package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.item.SortedSet;
import tokenvending.momentolocal.item.SortedSet.Scored;
import tokenvending.momentolocal.wire.ECacheResult;
import tokenvending.momentolocal.wire._SortedSetElement;
import tokenvending.momentolocal.wire._SortedSetFetchRequest;
import tokenvending.momentolocal.wire._SortedSetFetchResponse;
import tokenvending.momentolocal.wire._SortedSetGetRankRequest;
import tokenvending.momentolocal.wire._SortedSetGetRankResponse;
import tokenvending.momentolocal.wire._SortedSetGetScoreRequest;
import tokenvending.momentolocal.wire._SortedSetGetScoreResponse;
import tokenvending.momentolocal.wire._SortedSetIncrementRequest;
import tokenvending.momentolocal.wire._SortedSetIncrementResponse;
import tokenvending.momentolocal.wire._SortedSetLengthByScoreRequest;
import tokenvending.momentolocal.wire._SortedSetLengthByScoreResponse;
import tokenvending.momentolocal.wire._SortedSetLengthRequest;
import tokenvending.momentolocal.wire._SortedSetLengthResponse;
import tokenvending.momentolocal.wire._SortedSetPutRequest;
import tokenvending.momentolocal.wire._SortedSetPutResponse;
import tokenvending.momentolocal.wire._SortedSetRemoveRequest;
import tokenvending.momentolocal.wire._SortedSetRemoveResponse;

/** What the operations on sorted sets do. */
final class SortedSets {

  private SortedSets() {}

  static CallResult<_SortedSetPutResponse> put(SortedSet set, _SortedSetPutRequest request) {
    if (request.getElementsList().stream().anyMatch(element -> Double.isNaN(element.getScore()))) {
      return new CallResult.Refused<>(CallError.invalid("a score must be a number"));
    }
    for (_SortedSetElement element : request.getElementsList()) {
      set.put(element.getValue(), element.getScore());
    }
    return new CallResult.Reply<>(_SortedSetPutResponse.getDefaultInstance());
  }

  static _SortedSetFetchResponse fetch(SortedSet set, _SortedSetFetchRequest request) {
    _SortedSetFetchResponse.Builder response = _SortedSetFetchResponse.newBuilder();
    if (set.isEmpty()) {
      return response.setMissing(_SortedSetFetchResponse._Missing.getDefaultInstance()).build();
    }
    boolean descending = request.getOrder() == _SortedSetFetchRequest.Order.DESCENDING;
    Collection<Scored> ordered = descending ? set.ordered().descendingSet() : set.ordered();
    List<Scored> selected =
        switch (request.getRangeCase()) {
          case BY_INDEX -> byIndex(List.copyOf(ordered), request.getByIndex());
          case BY_SCORE -> byScore(ordered, request.getByScore());
          case RANGE_NOT_SET -> List.copyOf(ordered);
        };
    if (request.getWithScores()) {
      _SortedSetFetchResponse._Found._ValuesWithScores.Builder found =
          response.getFoundBuilder().getValuesWithScoresBuilder();
      selected.forEach(
          one -> found.addElementsBuilder().setValue(one.value()).setScore(one.score()));
    } else {
      _SortedSetFetchResponse._Found._Values.Builder found =
          response.getFoundBuilder().getValuesBuilder();
      selected.forEach(one -> found.addValues(one.value()));
    }
    return response.build();
  }

  static _SortedSetGetScoreResponse getScore(SortedSet set, _SortedSetGetScoreRequest request) {
    _SortedSetGetScoreResponse.Builder response = _SortedSetGetScoreResponse.newBuilder();
    if (set.isEmpty()) {
      return response
          .setMissing(_SortedSetGetScoreResponse._SortedSetMissing.getDefaultInstance())
          .build();
    }
    _SortedSetGetScoreResponse._SortedSetFound.Builder found = response.getFoundBuilder();
    for (ByteString value : request.getValuesList()) {
      Optional<Scored> scored = set.find(value);
      found
          .addElementsBuilder()
          .setResult(scored.isPresent() ? ECacheResult.Hit : ECacheResult.Miss)
          .setScore(scored.map(Scored::score).orElse(0.0));
    }
    return response.build();
  }

  static _SortedSetGetRankResponse getRank(SortedSet set, _SortedSetGetRankRequest request) {
    _SortedSetGetRankResponse.Builder response = _SortedSetGetRankResponse.newBuilder();
    if (set.isEmpty()) {
      return response
          .setMissing(_SortedSetGetRankResponse._SortedSetMissing.getDefaultInstance())
          .build();
    }
    boolean descending = request.getOrder() == _SortedSetGetRankRequest.Order.DESCENDING;
    Optional<Integer> rank =
        set.find(request.getValue())
            .map(
                one ->
                    descending
                        ? set.ordered().tailSet(one, false).size()
                        : set.ordered().headSet(one, false).size());
    response
        .getElementRankBuilder()
        .setResult(rank.isPresent() ? ECacheResult.Hit : ECacheResult.Miss)
        .setRank(rank.orElse(0));
    return response.build();
  }

  static _SortedSetLengthResponse length(SortedSet set, _SortedSetLengthRequest request) {
    _SortedSetLengthResponse.Builder response = _SortedSetLengthResponse.newBuilder();
    if (set.isEmpty()) {
      return response.setMissing(_SortedSetLengthResponse._Missing.getDefaultInstance()).build();
    }
    response.getFoundBuilder().setLength(set.ordered().size());
    return response.build();
  }

  static _SortedSetLengthByScoreResponse lengthByScore(
      SortedSet set, _SortedSetLengthByScoreRequest request) {
    _SortedSetLengthByScoreResponse.Builder response = _SortedSetLengthByScoreResponse.newBuilder();
    if (set.isEmpty()) {
      return response
          .setMissing(_SortedSetLengthByScoreResponse._Missing.getDefaultInstance())
          .build();
    }
    ScoreRange range = ScoreRange.of(request);
    long length = set.ordered().stream().filter(range::contains).count();
    response.getFoundBuilder().setLength((int) length);
    return response.build();
  }

  static CallResult<_SortedSetIncrementResponse> increment(
      SortedSet set, _SortedSetIncrementRequest request) {
    double sum = set.find(request.getValue()).map(Scored::score).orElse(0.0) + request.getAmount();
    if (Double.isNaN(sum)) {
      return new CallResult.Refused<>(CallError.failedPrecondition("the sum is not a number"));
    }
    set.put(request.getValue(), sum);
    return new CallResult.Reply<>(_SortedSetIncrementResponse.newBuilder().setScore(sum).build());
  }

  static _SortedSetRemoveResponse remove(SortedSet set, _SortedSetRemoveRequest request) {
    switch (request.getRemoveElementsCase()) {
      case SOME -> request.getSome().getValuesList().forEach(set::remove);
      case ALL -> set.clear();
      case REMOVEELEMENTS_NOT_SET -> {
        // Nothing was named.
      }
    }
    return _SortedSetRemoveResponse.getDefaultInstance();
  }

  private static List<Scored> byIndex(List<Scored> ordered, _SortedSetFetchRequest._ByIndex range) {
    return Slice.of(
            range.getInclusiveStartIndex(),
            range.hasExclusiveEndIndex() ? range.getExclusiveEndIndex() : ordered.size(),
            ordered.size())
        .in(ordered);
  }

  private static List<Scored> byScore(
      Collection<Scored> ordered, _SortedSetFetchRequest._ByScore by) {
    ScoreRange range = ScoreRange.of(by);
    return ordered.stream()
        .filter(range::contains)
        .skip(Integer.toUnsignedLong(by.getOffset()))
        .limit(by.getCount() < 0 ? Long.MAX_VALUE : by.getCount())
        .toList();
  }
}

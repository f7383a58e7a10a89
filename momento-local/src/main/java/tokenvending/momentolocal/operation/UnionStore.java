package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.item.Item;
import tokenvending.momentolocal.item.ItemChange;
import tokenvending.momentolocal.item.SortedSet;
import tokenvending.momentolocal.item.SortedSet.Scored;
import tokenvending.momentolocal.wire._SortedSetUnionStoreRequest;
import tokenvending.momentolocal.wire._SortedSetUnionStoreResponse;

/** {@code SortedSetUnionStore}: replaces a sorted set with the union of others. */
final class UnionStore {

  /** It holds the lock of all items while it adds them up. */
  private static final int MAX_SOURCES = 100;

  private UnionStore() {}

  static List<ByteString> keys(_SortedSetUnionStoreRequest request) {
    return Stream.concat(
            Stream.of(request.getSetName()),
            request.getSourcesList().stream().map(_SortedSetUnionStoreRequest._Source::getSetName))
        .toList();
  }

  static CallResult<_SortedSetUnionStoreResponse> store(
      CacheItems cache, _SortedSetUnionStoreRequest request) {
    if (request.getTtlMilliseconds() == 0) {
      return new CallResult.Refused<>(CallError.invalid("the ttl must be positive"));
    }
    if (request.getSourcesCount() > MAX_SOURCES) {
      return new CallResult.Refused<>(CallError.invalid("more than " + MAX_SOURCES + " sources"));
    }
    return cache.update(
        request.getSetName(),
        old ->
            switch (union(cache, request)) {
              case CallResult.Refused<SortedSet>(CallError refusal) ->
                  new ItemChange<>(old, new CallResult.Refused<>(refusal));
              case CallResult.Reply<SortedSet>(SortedSet union) ->
                  new ItemChange<>(
                      Optional.of(new Item(union, cache.expiry(request.getTtlMilliseconds())))
                          .filter(item -> !union.isEmpty()),
                      new CallResult.Reply<>(
                          _SortedSetUnionStoreResponse.newBuilder()
                              .setLength(union.ordered().size())
                              .build()));
            });
  }

  private static CallResult<SortedSet> union(
      CacheItems cache, _SortedSetUnionStoreRequest request) {
    Map<ByteString, Double> scores = new HashMap<>();
    SortedSet union = new SortedSet();
    for (_SortedSetUnionStoreRequest._Source source : request.getSourcesList()) {
      Optional<CallError> refusal =
          cache.read(
              source.getSetName(),
              item ->
                  switch (WrongType.expect(SortedSet.class, item)) {
                    case CallResult.Refused<Optional<SortedSet>>(CallError wrong) ->
                        Optional.of(wrong);
                    case CallResult.Reply<Optional<SortedSet>>(Optional<SortedSet> set) -> {
                      set.ifPresent(found -> add(found, source.getWeight(), request, scores));
                      yield Optional.empty();
                    }
                  });
      if (refusal.isPresent()) {
        return new CallResult.Refused<>(refusal.get());
      }
      long content = scores.keySet().stream().mapToLong(ByteString::size).sum();
      if (!union.hasRoomFor(2 * scores.size(), content)) {
        return new CallResult.Refused<>(CollectionRow.tooLarge());
      }
    }
    scores.forEach(union::put);
    return new CallResult.Reply<>(union);
  }

  private static void add(
      SortedSet set,
      float weight,
      _SortedSetUnionStoreRequest request,
      Map<ByteString, Double> scores) {
    for (Scored one : set.ordered()) {
      var _ =
          scores.merge(
              one.value(),
              number(one.score() * weight),
              (a, b) ->
                  switch (request.getAggregate()) {
                    case SUM, UNRECOGNIZED -> number(a + b);
                    case MIN -> Math.min(a, b);
                    case MAX -> Math.max(a, b);
                  });
    }
  }

  /** Infinity times zero, and infinity less infinity, are zero: a score is a number. */
  private static double number(double score) {
    return Double.isNaN(score) ? 0 : score;
  }
}

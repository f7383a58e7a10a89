package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.item.Dictionary;
import tokenvending.momentolocal.item.ElementList;
import tokenvending.momentolocal.item.ElementSet;
import tokenvending.momentolocal.item.Item;
import tokenvending.momentolocal.item.ItemChange;
import tokenvending.momentolocal.item.SortedSet;
import tokenvending.momentolocal.item.Value;
import tokenvending.momentolocal.permission.Right;

/**
 * Makes operations of functions that know one collection and nothing of caches. Such a function
 * receives an empty collection if there is no item, and an item that it leaves empty is removed.
 */
record CollectionRow<V extends Value, Q extends MessageLite>(
    Class<V> type, Supplier<V> empty, Parser<Q> parser, Function<Q, ByteString> name) {

  static <Q extends MessageLite> CollectionRow<Dictionary, Q> dictionary(
      Parser<Q> parser, Function<Q, ByteString> name) {
    return new CollectionRow<>(Dictionary.class, Dictionary::new, parser, name);
  }

  static <Q extends MessageLite> CollectionRow<ElementSet, Q> set(
      Parser<Q> parser, Function<Q, ByteString> name) {
    return new CollectionRow<>(ElementSet.class, ElementSet::new, parser, name);
  }

  static <Q extends MessageLite> CollectionRow<ElementList, Q> list(
      Parser<Q> parser, Function<Q, ByteString> name) {
    return new CollectionRow<>(ElementList.class, ElementList::new, parser, name);
  }

  static <Q extends MessageLite> CollectionRow<SortedSet, Q> sortedSet(
      Parser<Q> parser, Function<Q, ByteString> name) {
    return new CollectionRow<>(SortedSet.class, SortedSet::new, parser, name);
  }

  /** Reads the collection. */
  <A extends MessageLite> Operation look(BiFunction<V, Q, A> look) {
    return Operation.one(
        Right.READ,
        parser,
        name,
        (cache, request) ->
            cache.read(
                name.apply(request),
                old ->
                    WrongType.expect(type, old)
                        .map(value -> look.apply(value.orElseGet(empty), request))));
  }

  /** Adds to the collection, and returns nothing that is stored. */
  <A extends MessageLite> Operation add(
      Function<Q, CollectionTtl> ttl, ToIntFunction<Q> count, BiFunction<V, Q, A> add) {
    return tryAdd(
        ttl, count, (value, request) -> new CallResult.Reply<>(add.apply(value, request)));
  }

  /** Adds to the collection, unless the request is refused. */
  <A extends MessageLite> Operation tryAdd(
      Function<Q, CollectionTtl> ttl, ToIntFunction<Q> count, BiFunction<V, Q, CallResult<A>> add) {
    return edit(Right.WRITE, request -> Optional.of(ttl.apply(request)), count, add);
  }

  /** Adds to the collection or changes it, and returns what is stored then. */
  <A extends MessageLite> Operation increment(
      Function<Q, CollectionTtl> ttl, BiFunction<V, Q, CallResult<A>> increment) {
    return edit(
        Right.READ_AND_WRITE, request -> Optional.of(ttl.apply(request)), request -> 1, increment);
  }

  /** Removes from the collection. */
  <A extends MessageLite> Operation take(Right right, BiFunction<V, Q, A> take) {
    return take(right, request -> Optional.empty(), take);
  }

  /** Removes from the collection, and can refresh its lifetime. */
  <A extends MessageLite> Operation take(
      Right right, Function<Q, Optional<CollectionTtl>> ttl, BiFunction<V, Q, A> take) {
    return edit(
        right,
        ttl,
        request -> 0,
        (value, request) -> new CallResult.Reply<>(take.apply(value, request)));
  }

  /** An edit that is refused must leave the collection as it was. */
  private <A extends MessageLite> Operation edit(
      Right right,
      Function<Q, Optional<CollectionTtl>> ttl,
      ToIntFunction<Q> count,
      BiFunction<V, Q, CallResult<A>> edit) {
    return Operation.one(
        right,
        parser,
        name,
        (cache, request) -> {
          Optional<CollectionTtl> lifetime = ttl.apply(request);
          if (lifetime.isPresent() && lifetime.get().millis() == 0) {
            return new CallResult.Refused<>(CallError.invalid("the ttl must be positive"));
          }
          return cache.update(
              name.apply(request),
              old ->
                  switch (WrongType.expect(type, old)) {
                    case CallResult.Refused<Optional<V>>(CallError refusal) ->
                        new ItemChange<>(old, new CallResult.Refused<>(refusal));
                    case CallResult.Reply<Optional<V>>(Optional<V> found) -> {
                      V value = found.orElseGet(empty);
                      int added = count.applyAsInt(request);
                      CallResult<A> answer =
                          added == 0 || value.hasRoomFor(added, request.getSerializedSize())
                              ? edit.apply(value, request)
                              : new CallResult.Refused<>(tooLarge());
                      yield switch (answer) {
                        case CallResult.Refused<A> _ -> new ItemChange<>(old, answer);
                        case CallResult.Reply<A> _ ->
                            new ItemChange<>(left(cache, old, value, lifetime), answer);
                      };
                    }
                  });
        });
  }

  private Optional<Item> left(
      CacheItems cache, Optional<Item> old, V value, Optional<CollectionTtl> lifetime) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    boolean kept = lifetime.isEmpty() || !lifetime.get().refresh();
    return Optional.of(
        old.filter(item -> kept)
            .orElseGet(() -> new Item(value, cache.expiry(lifetime.orElseThrow().millis()))));
  }

  static CallError tooLarge() {
    return CallError.exhausted(
        "the item size is over the limit of " + Value.MAX_COLLECTION_BYTES + " bytes",
        "item_size_limit_exceeded");
  }
}

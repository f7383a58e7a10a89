package tokenvending.momentolocal.cache;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.credential.Caller;
import tokenvending.momentolocal.permission.Family;
import tokenvending.momentolocal.permission.Right;
import tokenvending.momentolocal.wire.ECacheResult;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire._CollectionRequest;
import tokenvending.momentolocal.wire._DeleteRequest;
import tokenvending.momentolocal.wire._DeleteResponse;
import tokenvending.momentolocal.wire._GetBatchRequest;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._GetResponse;
import tokenvending.momentolocal.wire._GetWithHashRequest;
import tokenvending.momentolocal.wire._GetWithHashResponse;
import tokenvending.momentolocal.wire._IncrementRequest;
import tokenvending.momentolocal.wire._IncrementResponse;
import tokenvending.momentolocal.wire._ItemGetTtlRequest;
import tokenvending.momentolocal.wire._ItemGetTtlResponse;
import tokenvending.momentolocal.wire._ItemGetTypeRequest;
import tokenvending.momentolocal.wire._ItemGetTypeResponse;
import tokenvending.momentolocal.wire._KeysExistRequest;
import tokenvending.momentolocal.wire._KeysExistResponse;
import tokenvending.momentolocal.wire._SetBatchRequest;
import tokenvending.momentolocal.wire._SetIfHashRequest;
import tokenvending.momentolocal.wire._SetIfHashResponse;
import tokenvending.momentolocal.wire._SetIfNotExistsRequest;
import tokenvending.momentolocal.wire._SetIfNotExistsResponse;
import tokenvending.momentolocal.wire._SetIfRequest;
import tokenvending.momentolocal.wire._SetIfResponse;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SetResponse;
import tokenvending.momentolocal.wire._UpdateTtlRequest;
import tokenvending.momentolocal.wire._UpdateTtlResponse;

/**
 * {@code cache_client.Scs}: scalar items in full. Calls on collections are authorized like others
 * and then rejected with UNIMPLEMENTED. Every call is checked in this order: permission, cache,
 * arguments.
 */
public final class CacheService implements BindableService, ScsGrpc.AsyncService {
  /** The calls on collections, by the permission they require. */
  private static final Map<Right, String> COLLECTIONS =
      Map.of(
          Right.READ,
          "DictionaryGet DictionaryFetch DictionaryLength SetFetch SetSample "
              + "SetContains SetLength ListFetch ListLength SortedSetFetch "
              + "SortedSetGetScore SortedSetGetRank SortedSetLength "
              + "SortedSetLengthByScore",
          Right.WRITE,
          "DictionarySet DictionaryDelete SetUnion SetDifference ListPushFront "
              + "ListPushBack ListErase ListRemove ListConcatenateFront "
              + "ListConcatenateBack ListRetain SortedSetPut SortedSetRemove",
          Right.READ_AND_WRITE,
          "DictionaryIncrement SetPop ListPopFront ListPopBack SortedSetIncrement "
              + "SortedSetUnionStore");

  /** Momento's default limit on a value, in bytes. */
  static final int MAX_VALUE_BYTES = 5 * 1024 * 1024;

  private final Caches caches;
  private final ItemStore items;
  private final InstantSource clock;

  public CacheService(Caches caches, ItemStore items, InstantSource clock) {
    this.caches = caches;
    this.items = items;
    this.clock = clock;
  }

  @Override
  public ServerServiceDefinition bindService() {
    ServerServiceDefinition served = ScsGrpc.bindService(this);
    ServerServiceDefinition.Builder service =
        ServerServiceDefinition.builder(served.getServiceDescriptor());
    Map<String, Right> collections = new HashMap<>();
    COLLECTIONS.forEach(
        (right, names) -> List.of(names.split(" ")).forEach(name -> collections.put(name, right)));
    for (ServerMethodDefinition<?, ?> method : served.getMethods()) {
      Right right = collections.get(method.getMethodDescriptor().getBareMethodName());
      if (right == null) {
        service.addMethod(method);
      } else {
        service.addMethod(collection(method, right));
      }
    }
    return service.build();
  }

  private <Q, A> ServerMethodDefinition<Q, A> collection(
      ServerMethodDefinition<Q, A> method, Right right) {
    return method.withServerCallHandler(
        ServerCalls.asyncUnaryCall(
            (request, out) ->
                onKey(
                    out,
                    right,
                    ((_CollectionRequest) request).getCollectionName(),
                    cache ->
                        refuse(
                            CallError.unimplemented(
                                "momento-local implements scalar items; collections (dictionaries,"
                                    + " sets, lists, sorted sets) are not implemented")))));
  }

  @Override
  public void get(_GetRequest request, StreamObserver<_GetResponse> out) {
    onKey(out, Right.READ, request.getCacheKey(), cache -> reply(read(cache, request)));
  }

  @Override
  public void getWithHash(_GetWithHashRequest request, StreamObserver<_GetWithHashResponse> out) {
    onKey(
        out,
        Right.READ,
        request.getCacheKey(),
        cache -> {
          _GetWithHashResponse.Builder response = _GetWithHashResponse.newBuilder();
          items
              .find(cache, request.getCacheKey())
              .ifPresentOrElse(
                  item ->
                      response.getFoundBuilder().setValue(item.value()).setHash(hash(item.value())),
                  response::getMissingBuilder);
          return reply(response.build());
        });
  }

  @Override
  public void getBatch(_GetBatchRequest request, StreamObserver<_GetResponse> out) {
    List<ByteString> keys = request.getItemsList().stream().map(_GetRequest::getCacheKey).toList();
    switch (admit(Right.READ, keys)) {
      case CacheAccess.Refused(CallError refusal) -> out.onError(refusal.exception());
      case CacheAccess.Admitted(long cache) ->
          StreamedReply.send(out, request.getItemsList(), get -> read(cache, get));
    }
  }

  @Override
  public void set(_SetRequest request, StreamObserver<_SetResponse> out) {
    onKey(
        out,
        Right.WRITE,
        request.getCacheKey(),
        cache -> {
          Optional<CallError> flaw = flaw(request.getCacheBody(), request.getTtlMilliseconds());
          return flaw.isPresent() ? refuse(flaw.get()) : reply(write(cache, request));
        });
  }

  @Override
  public void setBatch(_SetBatchRequest request, StreamObserver<_SetResponse> out) {
    List<ByteString> keys = request.getItemsList().stream().map(_SetRequest::getCacheKey).toList();
    switch (admit(Right.WRITE, keys)) {
      case CacheAccess.Refused(CallError refusal) -> out.onError(refusal.exception());
      case CacheAccess.Admitted(long cache) -> {
        // A batch with one invalid item stores none of them.
        for (_SetRequest set : request.getItemsList()) {
          Optional<CallError> flaw = flaw(set.getCacheBody(), set.getTtlMilliseconds());
          if (flaw.isPresent()) {
            out.onError(flaw.get().exception());
            return;
          }
        }
        StreamedReply.send(
            out,
            request.getItemsList().stream().map(set -> write(cache, set)).toList(),
            written -> written);
      }
    }
  }

  @Override
  public void setIf(_SetIfRequest request, StreamObserver<_SetIfResponse> out) {
    storeIf(
        out,
        new Offer(request.getCacheKey(), request.getCacheBody(), request.getTtlMilliseconds()),
        condition(request),
        stored -> {
          _SetIfResponse.Builder response = _SetIfResponse.newBuilder();
          var _ = stored ? response.getStoredBuilder() : response.getNotStoredBuilder();
          return response.build();
        });
  }

  private static Optional<Predicate<Optional<Item>>> condition(_SetIfRequest request) {
    return switch (request.getConditionCase()) {
      case PRESENT -> Optional.of(Optional::isPresent);
      case PRESENT_AND_NOT_EQUAL ->
          Optional.of(
              presentAnd(equal(request.getPresentAndNotEqual().getValueToCheck()).negate()));
      case ABSENT -> Optional.of(Optional::isEmpty);
      case EQUAL -> Optional.of(presentAnd(equal(request.getEqual().getValueToCheck())));
      case ABSENT_OR_EQUAL ->
          Optional.of(absentOr(equal(request.getAbsentOrEqual().getValueToCheck())));
      case NOT_EQUAL ->
          Optional.of(absentOr(equal(request.getNotEqual().getValueToCheck()).negate()));
      case CONDITION_NOT_SET -> Optional.empty();
    };
  }

  @Override
  public void setIfHash(_SetIfHashRequest request, StreamObserver<_SetIfHashResponse> out) {
    storeIf(
        out,
        new Offer(request.getCacheKey(), request.getCacheBody(), request.getTtlMilliseconds()),
        condition(request),
        stored -> {
          _SetIfHashResponse.Builder response = _SetIfHashResponse.newBuilder();
          var _ =
              stored
                  ? response.getStoredBuilder().setNewHash(hash(request.getCacheBody()))
                  : response.getNotStoredBuilder();
          return response.build();
        });
  }

  private static Optional<Predicate<Optional<Item>>> condition(_SetIfHashRequest request) {
    return switch (request.getConditionCase()) {
      case PRESENT_AND_NOT_HASH_EQUAL ->
          Optional.of(
              presentAnd(hashed(request.getPresentAndNotHashEqual().getHashToCheck()).negate()));
      case PRESENT_AND_HASH_EQUAL ->
          Optional.of(presentAnd(hashed(request.getPresentAndHashEqual().getHashToCheck())));
      case ABSENT_OR_HASH_EQUAL ->
          Optional.of(absentOr(hashed(request.getAbsentOrHashEqual().getHashToCheck())));
      case ABSENT_OR_NOT_HASH_EQUAL ->
          Optional.of(
              absentOr(hashed(request.getAbsentOrNotHashEqual().getHashToCheck()).negate()));
      case UNCONDITIONAL -> Optional.of(old -> true);
      case CONDITION_NOT_SET -> Optional.empty();
    };
  }

  @Override
  public void setIfNotExists(
      _SetIfNotExistsRequest request, StreamObserver<_SetIfNotExistsResponse> out) {
    storeIf(
        out,
        new Offer(request.getCacheKey(), request.getCacheBody(), request.getTtlMilliseconds()),
        Optional.of(Optional::isEmpty),
        stored -> {
          _SetIfNotExistsResponse.Builder response = _SetIfNotExistsResponse.newBuilder();
          var _ = stored ? response.getStoredBuilder() : response.getNotStoredBuilder();
          return response.build();
        });
  }

  @Override
  public void delete(_DeleteRequest request, StreamObserver<_DeleteResponse> out) {
    onKey(
        out,
        Right.WRITE,
        request.getCacheKey(),
        cache ->
            items.update(
                cache,
                request.getCacheKey(),
                old ->
                    new ItemStore.Change<>(
                        Optional.empty(), reply(_DeleteResponse.getDefaultInstance()))));
  }

  @Override
  public void keysExist(_KeysExistRequest request, StreamObserver<_KeysExistResponse> out) {
    onKeys(
        out,
        Right.READ,
        request.getCacheKeysList(),
        cache -> {
          _KeysExistResponse.Builder response = _KeysExistResponse.newBuilder();
          for (ByteString key : request.getCacheKeysList()) {
            response.addExists(items.find(cache, key).isPresent());
          }
          return reply(response.build());
        });
  }

  @Override
  public void increment(_IncrementRequest request, StreamObserver<_IncrementResponse> out) {
    onKey(
        out,
        Right.READ_AND_WRITE,
        request.getCacheKey(),
        cache -> {
          Optional<CallError> flaw = flaw(ByteString.EMPTY, request.getTtlMilliseconds());
          if (flaw.isPresent()) {
            return refuse(flaw.get());
          }
          return items.update(cache, request.getCacheKey(), old -> increment(old, request));
        });
  }

  private ItemStore.Change<CallResult<_IncrementResponse>> increment(
      Optional<Item> old, _IncrementRequest request) {
    long sum;
    try {
      long before = old.isEmpty() ? 0 : Long.parseLong(old.get().value().toStringUtf8());
      sum = Math.addExact(before, request.getAmount());
    } catch (NumberFormatException | ArithmeticException e) {
      return new ItemStore.Change<>(
          old,
          refuse(
              CallError.failedPrecondition(
                  "the value is not an integer, or the result would overflow")));
    }
    Item item = item(ByteString.copyFromUtf8(Long.toString(sum)), request.getTtlMilliseconds());
    return new ItemStore.Change<>(
        Optional.of(item), reply(_IncrementResponse.newBuilder().setValue(sum).build()));
  }

  @Override
  public void updateTtl(_UpdateTtlRequest request, StreamObserver<_UpdateTtlResponse> out) {
    onKey(
        out,
        Right.READ_AND_WRITE,
        request.getCacheKey(),
        cache -> {
          long ttl =
              switch (request.getUpdateTtlCase()) {
                case INCREASE_TO_MILLISECONDS -> request.getIncreaseToMilliseconds();
                case DECREASE_TO_MILLISECONDS -> request.getDecreaseToMilliseconds();
                case OVERWRITE_TO_MILLISECONDS -> request.getOverwriteToMilliseconds();
                case UPDATETTL_NOT_SET -> 0;
              };
          if (ttl == 0) {
            return refuse(CallError.invalid("the ttl must be positive"));
          }
          return items.update(
              cache,
              request.getCacheKey(),
              old -> updateTtl(old, request.getUpdateTtlCase(), expiry(ttl)));
        });
  }

  private static ItemStore.Change<CallResult<_UpdateTtlResponse>> updateTtl(
      Optional<Item> old, _UpdateTtlRequest.UpdateTtlCase how, long expiresAt) {
    _UpdateTtlResponse.Builder response = _UpdateTtlResponse.newBuilder();
    if (old.isEmpty()) {
      response.getMissingBuilder();
      return new ItemStore.Change<>(old, reply(response.build()));
    }
    Item item = old.get();
    boolean applies =
        switch (how) {
          case INCREASE_TO_MILLISECONDS -> expiresAt > item.expiresAt();
          case DECREASE_TO_MILLISECONDS -> expiresAt < item.expiresAt();
          case OVERWRITE_TO_MILLISECONDS -> true;
          case UPDATETTL_NOT_SET -> false;
        };
    if (!applies) {
      response.getNotSetBuilder();
      return new ItemStore.Change<>(old, reply(response.build()));
    }
    response.getSetBuilder();
    return new ItemStore.Change<>(
        Optional.of(new Item(item.value(), expiresAt)), reply(response.build()));
  }

  @Override
  public void itemGetTtl(_ItemGetTtlRequest request, StreamObserver<_ItemGetTtlResponse> out) {
    onKey(
        out,
        Right.READ,
        request.getCacheKey(),
        cache -> {
          _ItemGetTtlResponse.Builder response = _ItemGetTtlResponse.newBuilder();
          items
              .find(cache, request.getCacheKey())
              .ifPresentOrElse(
                  item ->
                      response
                          .getFoundBuilder()
                          .setRemainingTtlMillis(item.expiresAt() - clock.millis()),
                  response::getMissingBuilder);
          return reply(response.build());
        });
  }

  @Override
  public void itemGetType(_ItemGetTypeRequest request, StreamObserver<_ItemGetTypeResponse> out) {
    onKey(
        out,
        Right.READ,
        request.getCacheKey(),
        cache -> {
          _ItemGetTypeResponse.Builder response = _ItemGetTypeResponse.newBuilder();
          items
              .find(cache, request.getCacheKey())
              .ifPresentOrElse(
                  item ->
                      response.getFoundBuilder().setItemType(_ItemGetTypeResponse.ItemType.SCALAR),
                  response::getMissingBuilder);
          return reply(response.build());
        });
  }

  private _GetResponse read(long cache, _GetRequest request) {
    return items
        .find(cache, request.getCacheKey())
        .map(
            item ->
                _GetResponse.newBuilder()
                    .setResult(ECacheResult.Hit)
                    .setCacheBody(item.value())
                    .build())
        .orElseGet(() -> _GetResponse.newBuilder().setResult(ECacheResult.Miss).build());
  }

  private _SetResponse write(long cache, _SetRequest request) {
    Item item = item(request.getCacheBody(), request.getTtlMilliseconds());
    return items.update(
        cache,
        request.getCacheKey(),
        old ->
            new ItemStore.Change<>(
                Optional.of(item), _SetResponse.newBuilder().setResult(ECacheResult.Ok).build()));
  }

  private record Offer(ByteString key, ByteString value, long ttlMillis) {}

  /** Stores an item if the condition, which is required, holds for the previous one. */
  private <T> void storeIf(
      StreamObserver<T> out,
      Offer offer,
      Optional<Predicate<Optional<Item>>> condition,
      Function<Boolean, T> response) {
    onKey(
        out,
        Right.READ_AND_WRITE,
        offer.key(),
        cache -> {
          Optional<CallError> flaw = flaw(offer.value(), offer.ttlMillis());
          if (flaw.isPresent()) {
            return refuse(flaw.get());
          }
          if (condition.isEmpty()) {
            return refuse(CallError.invalid("the condition is missing"));
          }
          Item item = item(offer.value(), offer.ttlMillis());
          return items.update(
              cache,
              offer.key(),
              old -> {
                boolean stored = condition.get().test(old);
                return new ItemStore.Change<>(
                    stored ? Optional.of(item) : old, reply(response.apply(stored)));
              });
        });
  }

  private <T> void onKey(
      StreamObserver<T> out, Right right, ByteString key, LongFunction<CallResult<T>> action) {
    onKeys(out, right, List.of(key), action);
  }

  private <T> void onKeys(
      StreamObserver<T> out,
      Right right,
      List<ByteString> keys,
      LongFunction<CallResult<T>> action) {
    CallResult<T> answer =
        switch (admit(right, keys)) {
          case CacheAccess.Refused(CallError refusal) -> refuse(refusal);
          case CacheAccess.Admitted(long cache) -> action.apply(cache);
        };
    answer.sendTo(out);
  }

  private CacheAccess admit(Right right, List<ByteString> keys) {
    Caller caller = Caller.current();
    ByteString cacheName = ByteString.copyFromUtf8(caller.cacheName());
    // A request without keys is authorized for the empty key; otherwise it would reveal which
    // caches exist.
    List<ByteString> asked = keys.isEmpty() ? List.of(ByteString.EMPTY) : keys;
    for (ByteString key : asked) {
      if (!caller.identity().may(Family.CACHE, right, cacheName, key)) {
        return new CacheAccess.Refused(
            CallError.denied("no permission for this operation in this cache"));
      }
    }
    if (caller.cacheName().isEmpty()) {
      return new CacheAccess.Refused(CallError.invalid("the cache header is missing"));
    }
    Optional<Long> cache = caches.find(caller.cacheName());
    return cache.isPresent()
        ? new CacheAccess.Admitted(cache.get())
        : new CacheAccess.Refused(CallError.noSuchCache(caller.cacheName()));
  }

  private static Optional<CallError> flaw(ByteString value, long ttlMillis) {
    if (value.size() > MAX_VALUE_BYTES) {
      return Optional.of(
          CallError.exhausted(
              "a value is over the request limit of " + MAX_VALUE_BYTES + " bytes",
              "request_size_limit_exceeded"));
    }
    return ttlMillis == 0
        ? Optional.of(CallError.invalid("the ttl must be positive"))
        : Optional.empty();
  }

  private Item item(ByteString value, long ttlMillis) {
    return new Item(value, expiry(ttlMillis));
  }

  /**
   * Returns the expiry of an item. The lifetime is unsigned, so a negative value means a very long
   * one.
   */
  private long expiry(long ttlMillis) {
    long now = clock.millis();
    return ttlMillis < 0 || ttlMillis > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + ttlMillis;
  }

  private static Predicate<Optional<Item>> presentAnd(Predicate<ByteString> condition) {
    return old -> old.isPresent() && condition.test(old.get().value());
  }

  private static Predicate<Optional<Item>> absentOr(Predicate<ByteString> condition) {
    return old -> old.isEmpty() || condition.test(old.get().value());
  }

  private static Predicate<ByteString> equal(ByteString expected) {
    return expected::equals;
  }

  private static Predicate<ByteString> hashed(ByteString expected) {
    return value -> hash(value).equals(expected);
  }

  /** Returns a hash. It is opaque to clients, and Momento's algorithm is not documented. */
  private static ByteString hash(ByteString value) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(value.asReadOnlyByteBuffer());
      return ByteString.copyFrom(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static <T> CallResult<T> reply(T message) {
    return new CallResult.Reply<>(message);
  }

  private static <T> CallResult<T> refuse(CallError refusal) {
    return new CallResult.Refused<>(refusal);
  }
}

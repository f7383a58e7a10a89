package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.item.Item;
import tokenvending.momentolocal.item.ItemChange;
import tokenvending.momentolocal.item.Scalar;
import tokenvending.momentolocal.wire.ECacheResult;
import tokenvending.momentolocal.wire._DeleteRequest;
import tokenvending.momentolocal.wire._DeleteResponse;
import tokenvending.momentolocal.wire._GetBatchRequest;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._GetResponse;
import tokenvending.momentolocal.wire._GetWithHashRequest;
import tokenvending.momentolocal.wire._GetWithHashResponse;
import tokenvending.momentolocal.wire._IncrementRequest;
import tokenvending.momentolocal.wire._IncrementResponse;
import tokenvending.momentolocal.wire._SetBatchRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SetResponse;

/** What the operations on scalar values do. */
final class Scalars {

  /** Momento's default limit on a value, in bytes. */
  private static final int MAX_VALUE_BYTES = 5 * 1024 * 1024;

  private Scalars() {}

  static CallResult<_GetResponse> get(CacheItems cache, _GetRequest request) {
    return cache.read(
        request.getCacheKey(), item -> WrongType.expect(Scalar.class, item).map(Scalars::response));
  }

  static CallResult<_GetWithHashResponse> getWithHash(
      CacheItems cache, _GetWithHashRequest request) {
    return cache.read(
        request.getCacheKey(),
        item -> WrongType.expect(Scalar.class, item).map(Scalars::responseWithHash));
  }

  static CallResult<Iterator<MessageLite>> getBatch(CacheItems cache, _GetBatchRequest request) {
    return responses(
        request.getItemsList(),
        get ->
            switch (get(cache, get)) {
              case CallResult.Reply<_GetResponse>(_GetResponse found) -> found;
              case CallResult.Refused<_GetResponse>(CallError refusal) ->
                  _GetResponse.newBuilder()
                      .setResult(ECacheResult.Invalid)
                      .setMessage(String.valueOf(refusal.status().getDescription()))
                      .build();
            });
  }

  static CallResult<_SetResponse> set(CacheItems cache, _SetRequest request) {
    Optional<CallError> flaw = flaw(request.getCacheBody(), request.getTtlMilliseconds());
    return flaw.isPresent()
        ? new CallResult.Refused<>(flaw.get())
        : new CallResult.Reply<>(store(cache, request));
  }

  /** A batch with one invalid item stores none of them. */
  static CallResult<Iterator<MessageLite>> setBatch(CacheItems cache, _SetBatchRequest request) {
    for (_SetRequest set : request.getItemsList()) {
      Optional<CallError> flaw = flaw(set.getCacheBody(), set.getTtlMilliseconds());
      if (flaw.isPresent()) {
        return new CallResult.Refused<>(flaw.get());
      }
    }
    List<_SetResponse> stored =
        request.getItemsList().stream().map(set -> store(cache, set)).toList();
    return responses(stored, response -> response);
  }

  static CallResult<_DeleteResponse> delete(CacheItems cache, _DeleteRequest request) {
    return cache.update(
        request.getCacheKey(),
        old ->
            new ItemChange<>(
                Optional.empty(), new CallResult.Reply<>(_DeleteResponse.getDefaultInstance())));
  }

  static CallResult<_IncrementResponse> increment(CacheItems cache, _IncrementRequest request) {
    Optional<CallError> flaw = flaw(ByteString.EMPTY, request.getTtlMilliseconds());
    if (flaw.isPresent()) {
      return new CallResult.Refused<>(flaw.get());
    }
    return cache.update(request.getCacheKey(), old -> increment(cache, old, request));
  }

  private static ItemChange<CallResult<_IncrementResponse>> increment(
      CacheItems cache, Optional<Item> old, _IncrementRequest request) {
    CallResult<Long> sum =
        switch (WrongType.expect(Scalar.class, old)) {
          case CallResult.Refused<Optional<Scalar>>(CallError refusal) ->
              new CallResult.Refused<>(refusal);
          case CallResult.Reply<Optional<Scalar>>(Optional<Scalar> found) ->
              Integers.add(found.map(Scalar::content), request.getAmount());
        };
    return switch (sum) {
      case CallResult.Refused<Long>(CallError refusal) ->
          new ItemChange<>(old, new CallResult.Refused<>(refusal));
      case CallResult.Reply<Long>(Long number) ->
          new ItemChange<>(
              Optional.of(
                  new Item(
                      new Scalar(Integers.bytes(number)),
                      cache.expiry(request.getTtlMilliseconds()))),
              new CallResult.Reply<>(_IncrementResponse.newBuilder().setValue(number).build()));
    };
  }

  /** Returns why a value cannot be stored. */
  static Optional<CallError> flaw(ByteString value, long ttlMillis) {
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

  private static _SetResponse store(CacheItems cache, _SetRequest request) {
    Item item =
        new Item(new Scalar(request.getCacheBody()), cache.expiry(request.getTtlMilliseconds()));
    return cache.update(
        request.getCacheKey(),
        old ->
            new ItemChange<>(
                Optional.of(item), _SetResponse.newBuilder().setResult(ECacheResult.Ok).build()));
  }

  private static _GetResponse response(Optional<Scalar> found) {
    return _GetResponse.newBuilder()
        .setResult(found.isPresent() ? ECacheResult.Hit : ECacheResult.Miss)
        .setCacheBody(found.map(Scalar::content).orElse(ByteString.EMPTY))
        .build();
  }

  private static _GetWithHashResponse responseWithHash(Optional<Scalar> found) {
    _GetWithHashResponse.Builder response = _GetWithHashResponse.newBuilder();
    found.ifPresentOrElse(
        scalar ->
            response
                .getFoundBuilder()
                .setValue(scalar.content())
                .setHash(ConditionalSets.hash(scalar.content())),
        response::getMissingBuilder);
    return response.build();
  }

  /** Makes each response when it is sent: a batch of small keys can request gigabytes. */
  private static <T> CallResult<Iterator<MessageLite>> responses(
      List<T> parts, Function<T, MessageLite> response) {
    return new CallResult.Reply<>(parts.stream().map(response).iterator());
  }
}

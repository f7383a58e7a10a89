package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import java.util.Optional;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.item.Item;
import tokenvending.momentolocal.item.ItemChange;
import tokenvending.momentolocal.wire._ItemGetTtlRequest;
import tokenvending.momentolocal.wire._ItemGetTtlResponse;
import tokenvending.momentolocal.wire._ItemGetTypeRequest;
import tokenvending.momentolocal.wire._ItemGetTypeResponse;
import tokenvending.momentolocal.wire._KeysExistRequest;
import tokenvending.momentolocal.wire._KeysExistResponse;
import tokenvending.momentolocal.wire._UpdateTtlRequest;
import tokenvending.momentolocal.wire._UpdateTtlResponse;

/** What the operations on items of every type do. */
final class AnyItems {

  private AnyItems() {}

  static CallResult<_KeysExistResponse> exist(CacheItems cache, _KeysExistRequest request) {
    _KeysExistResponse.Builder response = _KeysExistResponse.newBuilder();
    for (ByteString key : request.getCacheKeysList()) {
      response.addExists(cache.read(key, Optional::isPresent));
    }
    return new CallResult.Reply<>(response.build());
  }

  static CallResult<_ItemGetTtlResponse> getTtl(CacheItems cache, _ItemGetTtlRequest request) {
    _ItemGetTtlResponse.Builder response = _ItemGetTtlResponse.newBuilder();
    cache
        .read(request.getCacheKey(), item -> item.map(cache::remaining))
        .ifPresentOrElse(
            millis -> response.getFoundBuilder().setRemainingTtlMillis(millis),
            response::getMissingBuilder);
    return new CallResult.Reply<>(response.build());
  }

  static CallResult<_ItemGetTypeResponse> getType(CacheItems cache, _ItemGetTypeRequest request) {
    _ItemGetTypeResponse.Builder response = _ItemGetTypeResponse.newBuilder();
    cache
        .read(request.getCacheKey(), item -> item.map(found -> found.value().type()))
        .ifPresentOrElse(
            type -> response.getFoundBuilder().setItemType(type), response::getMissingBuilder);
    return new CallResult.Reply<>(response.build());
  }

  static CallResult<_UpdateTtlResponse> updateTtl(CacheItems cache, _UpdateTtlRequest request) {
    long ttl =
        switch (request.getUpdateTtlCase()) {
          case INCREASE_TO_MILLISECONDS -> request.getIncreaseToMilliseconds();
          case DECREASE_TO_MILLISECONDS -> request.getDecreaseToMilliseconds();
          case OVERWRITE_TO_MILLISECONDS -> request.getOverwriteToMilliseconds();
          case UPDATETTL_NOT_SET -> 0;
        };
    if (ttl == 0) {
      return new CallResult.Refused<>(CallError.invalid("the ttl must be positive"));
    }
    return cache.update(
        request.getCacheKey(),
        old -> updateTtl(old, request.getUpdateTtlCase(), cache.expiry(ttl)));
  }

  private static ItemChange<CallResult<_UpdateTtlResponse>> updateTtl(
      Optional<Item> old, _UpdateTtlRequest.UpdateTtlCase how, long expiresAt) {
    _UpdateTtlResponse.Builder response = _UpdateTtlResponse.newBuilder();
    if (old.isEmpty()) {
      response.getMissingBuilder();
      return new ItemChange<>(old, new CallResult.Reply<>(response.build()));
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
      return new ItemChange<>(old, new CallResult.Reply<>(response.build()));
    }
    response.getSetBuilder();
    return new ItemChange<>(
        Optional.of(new Item(item.value(), expiresAt)), new CallResult.Reply<>(response.build()));
  }
}

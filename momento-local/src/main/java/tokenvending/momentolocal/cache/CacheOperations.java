package tokenvending.momentolocal.cache;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;
import tokenvending.momentolocal.credential.Identity;
import tokenvending.momentolocal.item.ItemStore;
import tokenvending.momentolocal.operation.CacheItems;
import tokenvending.momentolocal.operation.Operation;
import tokenvending.momentolocal.permission.Family;

/** Runs operations for callers. Checks in this order: permission, cache, arguments. */
public final class CacheOperations {

  private final Caches caches;
  private final ItemStore items;
  private final InstantSource clock;

  public CacheOperations(Caches caches, ItemStore items, InstantSource clock) {
    this.caches = caches;
    this.items = items;
    this.clock = clock;
  }

  /** Runs an operation, if the caller may and the cache exists. */
  public CallResult<Iterator<MessageLite>> run(
      Identity caller, String cacheName, Operation.Call call) {
    ByteString name = ByteString.copyFromUtf8(cacheName);
    // A request without keys is authorized for the empty key; otherwise it would reveal which
    // caches exist.
    List<ByteString> keys = call.keys().isEmpty() ? List.of(ByteString.EMPTY) : call.keys();
    for (ByteString key : keys) {
      if (!caller.may(Family.CACHE, call.right(), name, key)) {
        return new CallResult.Refused<>(
            CallError.denied("no permission for this operation in this cache"));
      }
    }
    if (cacheName.isEmpty()) {
      return new CallResult.Refused<>(CallError.invalid("the cache header is missing"));
    }
    Optional<Long> cache = caches.find(cacheName);
    return cache.isPresent()
        ? call.action().apply(new CacheItems(items, cache.get(), clock))
        : new CallResult.Refused<>(CallError.noSuchCache(cacheName));
  }
}

package tokenvending.momentolocal.operation;

import com.google.protobuf.ByteString;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import tokenvending.momentolocal.item.Item;
import tokenvending.momentolocal.item.ItemChange;
import tokenvending.momentolocal.item.ItemStore;

/** The items of one cache. */
public record CacheItems(ItemStore store, long cacheId, InstantSource clock) {

  <R> R read(ByteString key, Function<Optional<Item>, R> look) {
    return store.read(cacheId, key, look);
  }

  <R> R update(ByteString key, Function<Optional<Item>, ItemChange<R>> change) {
    return store.update(cacheId, key, change);
  }

  /** Returns how long the item will exist, in milliseconds. */
  long remaining(Item item) {
    return item.expiresAt() - clock.millis();
  }

  /**
   * Returns the expiry of an item. The lifetime is unsigned, so a negative value means a very long
   * one.
   */
  long expiry(long ttlMillis) {
    long now = clock.millis();
    return ttlMillis < 0 || ttlMillis > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + ttlMillis;
  }
}

package tokenvending.momentolocal.item;

import com.google.protobuf.ByteString;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * The items of all caches, within a limit in bytes: beyond it, the least recently used items are
 * removed. Every change is atomic. Thread-safe.
 */
public final class ItemStore {

  // The approximate overhead of the map, the key and the item objects, in bytes.
  private static final int OVERHEAD = 160;

  private record Address(long cacheId, ByteString key) {}

  /** An item, and its size when it was stored: a collection changes in place. */
  private record Stored(Item item, long bytes) {}

  private final InstantSource clock;
  private final long maxBytes;
  private final Map<Address, Stored> items = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * Starts empty.
   *
   * @param maxBytes the limit for keys, values and their overhead
   */
  public ItemStore(InstantSource clock, long maxBytes) {
    this.clock = clock;
    this.maxBytes = maxBytes;
  }

  /** Applies a function to the item of this key, which is empty if it has expired. */
  public synchronized <R> R read(long cacheId, ByteString key, Function<Optional<Item>, R> look) {
    return look.apply(find(new Address(cacheId, key)));
  }

  /**
   * Replaces an item with the result of {@code change}, which can change a collection in place, and
   * can read other items.
   */
  public synchronized <R> R update(
      long cacheId, ByteString key, Function<Optional<Item>, ItemChange<R>> change) {
    Address address = new Address(cacheId, key);
    ItemChange<R> changed = change.apply(find(address));
    remove(address);
    changed.left().ifPresent(item -> put(address, item));
    evict();
    return changed.result();
  }

  /**
   * Passes on the items of a cache that have not expired, until the function returns false. It must
   * not use the store.
   */
  public synchronized boolean all(long cacheId, BiPredicate<ByteString, Item> next) {
    return items.entrySet().stream()
        .filter(entry -> entry.getKey().cacheId() == cacheId)
        .filter(entry -> entry.getValue().item().expiresAt() > clock.millis())
        .allMatch(entry -> next.test(entry.getKey().key(), entry.getValue().item()));
  }

  /** Removes every item of the cache. */
  public synchronized void forget(long cacheId) {
    Iterator<Map.Entry<Address, Stored>> all = items.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Address, Stored> entry = all.next();
      if (entry.getKey().cacheId() == cacheId) {
        bytes -= entry.getValue().bytes();
        all.remove();
      }
    }
  }

  /** Removes every item of every cache. */
  public synchronized void clear() {
    items.clear();
    bytes = 0;
  }

  /** Returns the bytes that count against the limit. */
  synchronized long bytes() {
    return bytes;
  }

  private Optional<Item> find(Address address) {
    Stored stored = items.get(address);
    if (stored == null) {
      return Optional.empty();
    }
    if (stored.item().expiresAt() <= clock.millis()) {
      remove(address);
      return Optional.empty();
    }
    return Optional.of(stored.item());
  }

  private void evict() {
    Iterator<Stored> leastRecent = items.values().iterator();
    while (bytes > maxBytes && leastRecent.hasNext()) {
      bytes -= leastRecent.next().bytes();
      leastRecent.remove();
    }
  }

  private void put(Address address, Item item) {
    Stored stored = new Stored(item, address.key().size() + item.value().bytes() + OVERHEAD);
    items.put(address, stored);
    bytes += stored.bytes();
  }

  private void remove(Address address) {
    Stored gone = items.remove(address);
    if (gone != null) {
      bytes -= gone.bytes();
    }
  }
}

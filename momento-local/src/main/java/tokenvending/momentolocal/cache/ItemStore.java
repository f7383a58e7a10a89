package tokenvending.momentolocal.cache;

import com.google.protobuf.ByteString;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The items of all caches, within a limit in bytes: beyond it, the least recently used items are
 * removed. Every change is atomic. Thread-safe.
 */
public final class ItemStore {

  // The approximate overhead of the map, the key and the item objects, in bytes.
  private static final int OVERHEAD = 160;

  private record Address(long cacheId, ByteString key) {}

  /**
   * The result of a change: the new item (empty removes it), and a value for the caller.
   *
   * @param <R> the type of the value for the caller
   */
  record Change<R>(Optional<Item> left, R result) {}

  private final InstantSource clock;
  private final long maxBytes;
  private final Map<Address, Item> items = new LinkedHashMap<>(16, 0.75f, true);
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

  /** Returns the item of this key, unless it has expired. */
  synchronized Optional<Item> find(long cacheId, ByteString key) {
    Address address = new Address(cacheId, key);
    Item item = items.get(address);
    if (item == null) {
      return Optional.empty();
    }
    if (item.expiresAt() <= clock.millis()) {
      remove(address);
      return Optional.empty();
    }
    return Optional.of(item);
  }

  /** Replaces an item with the result of {@code change}. */
  synchronized <R> R update(
      long cacheId, ByteString key, Function<Optional<Item>, Change<R>> change) {
    Change<R> changed = change.apply(find(cacheId, key));
    Address address = new Address(cacheId, key);
    remove(address);
    changed
        .left()
        .ifPresent(
            item -> {
              items.put(address, item);
              bytes += size(address, item);
            });
    evict();
    return changed.result();
  }

  /** Removes every item of the cache. */
  synchronized void forget(long cacheId) {
    Iterator<Map.Entry<Address, Item>> all = items.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Address, Item> entry = all.next();
      if (entry.getKey().cacheId() == cacheId) {
        bytes -= size(entry.getKey(), entry.getValue());
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

  private void evict() {
    Iterator<Map.Entry<Address, Item>> leastRecent = items.entrySet().iterator();
    while (bytes > maxBytes && leastRecent.hasNext()) {
      Map.Entry<Address, Item> entry = leastRecent.next();
      bytes -= size(entry.getKey(), entry.getValue());
      leastRecent.remove();
    }
  }

  private void remove(Address address) {
    Item gone = items.remove(address);
    if (gone != null) {
      bytes -= size(address, gone);
    }
  }

  private static long size(Address address, Item item) {
    return (long) address.key().size() + item.value().size() + OVERHEAD;
  }
}

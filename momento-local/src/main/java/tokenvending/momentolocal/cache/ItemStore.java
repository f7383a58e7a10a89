package tokenvending.momentolocal.cache;

import com.google.protobuf.ByteString;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The items of all caches, within one budget of bytes: when it is exceeded, the items that have not
 * been touched for longest go. Every change is atomic.
 */
public final class ItemStore {

  // What the map, the key and the item objects take beside the bytes themselves, about.
  private static final int OVERHEAD = 160;

  private record Address(long cacheId, ByteString key) {}

  /**
   * What a change leaves behind (empty removes the item), and what it tells the caller.
   *
   * @param <R> what the caller is told
   */
  record Change<R>(Optional<Item> left, R result) {}

  private final InstantSource clock;
  private final long maxBytes;
  private final Map<Address, Item> items = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /** {@code maxBytes} is the budget for keys, values and their overhead. */
  public ItemStore(InstantSource clock, long maxBytes) {
    this.clock = clock;
    this.maxBytes = maxBytes;
  }

  /** The item under this key that has not run out. */
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

  /** Lets {@code change} see the item that is there and decide what is there afterwards. */
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

  /** Drops every item of the cache. */
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

  /** Drops every item of every cache. */
  public synchronized void clear() {
    items.clear();
    bytes = 0;
  }

  /** The bytes counted against the budget now. */
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

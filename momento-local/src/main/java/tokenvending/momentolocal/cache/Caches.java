package tokenvending.momentolocal.cache;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The caches, by name. Each incarnation of a name has its own id, so that nothing of a deleted or
 * flushed cache can be reached through a new one.
 */
public final class Caches {

  /** More than any test makes, and few enough to list in one answer. */
  static final int MAX_CACHES = 1_000;

  /** What became of an attempt to make a cache. */
  public enum Creation {
    CREATED,
    EXISTS,
    TOO_MANY
  }

  private final ItemStore items;
  private final CacheLifecycle listener;
  private final Map<String, Long> idByName = new TreeMap<>();
  private long lastId;

  public Caches(ItemStore items, CacheLifecycle listener) {
    this.items = items;
    this.listener = listener;
  }

  /** Makes a cache of this name. */
  public synchronized Creation create(String name) {
    if (idByName.containsKey(name)) {
      return Creation.EXISTS;
    }
    if (idByName.size() >= MAX_CACHES) {
      return Creation.TOO_MANY;
    }
    lastId++;
    idByName.put(name, lastId);
    listener.created(lastId);
    return Creation.CREATED;
  }

  /** Forgets the cache and all in it; false when there was none. */
  public synchronized boolean delete(String name) {
    Long id = idByName.remove(name);
    if (id == null) {
      return false;
    }
    items.forget(id);
    listener.deleted(id, name);
    return true;
  }

  /** Forgets all that is in the cache; false when there is no such cache. */
  public synchronized boolean flush(String name) {
    Long id = idByName.get(name);
    if (id == null) {
      return false;
    }
    items.forget(id);
    listener.flushed(id);
    return true;
  }

  /** The id of the cache that bears this name now. */
  public synchronized Optional<Long> find(String name) {
    return Optional.ofNullable(idByName.get(name));
  }

  /** All names, sorted. */
  public synchronized List<String> names() {
    return List.copyOf(idByName.keySet());
  }
}

package tokenvending.momentolocal.cache;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tokenvending.momentolocal.item.ItemStore;

/**
 * The caches, by name. Each creation or flush gives a name a new id, so that nothing of a deleted
 * or flushed cache can be reached through a new one.
 */
public final class Caches {

  /** The most caches: more than tests create, and few enough for one response. */
  public static final int MAX_CACHES = 1_000;

  /** The result of creating a cache. */
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

  /** Creates a cache. */
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

  /** Deletes a cache and its content; returns false if there was none. */
  public synchronized boolean delete(String name) {
    Long id = idByName.remove(name);
    if (id == null) {
      return false;
    }
    items.forget(id);
    listener.deleted(id, name);
    return true;
  }

  /** Deletes the content of a cache; returns false if there is no such cache. */
  public synchronized boolean flush(String name) {
    Long id = idByName.get(name);
    if (id == null) {
      return false;
    }
    items.forget(id);
    listener.flushed(id);
    return true;
  }

  /** Returns the id of the current cache of this name. */
  public synchronized Optional<Long> find(String name) {
    return Optional.ofNullable(idByName.get(name));
  }

  /** Returns all names, sorted. */
  public synchronized List<String> names() {
    return List.copyOf(idByName.keySet());
  }
}

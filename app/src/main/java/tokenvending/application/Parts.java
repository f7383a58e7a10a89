package tokenvending.application;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a machine that outlive a change of its file: connections, counters, open files. A
 * part whose settings did not change is taken over by the next generation; the others are closed
 * with the generation that made them.
 */
final class Parts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

  private final Map<Key, Object> before;
  private final Map<Key, Object> now = Collections.synchronizedMap(new LinkedHashMap<>());

  private record Key(Class<?> type, Object settings) {}

  private Parts(Map<Key, Object> before) {
    this.before = before;
  }

  /** The first generation. */
  static Parts none() {
    return new Parts(Map.of());
  }

  /** A generation that may take over what this one has. */
  Parts next() {
    return new Parts(now);
  }

  /** The part for these settings: the one that there is, or a new one. */
  synchronized <T> T keep(Class<T> type, Object settings, Supplier<T> make) {
    Key key = new Key(type, settings);
    Object part = before.containsKey(key) ? before.get(key) : now.get(key);
    T kept = type.cast(part == null ? make.get() : part);
    now.put(key, kept);
    return kept;
  }

  /** Closes the parts that the other generation did not take over, last made first. */
  void closeAllBut(Parts other) {
    List<Key> keys = new ArrayList<>(now.keySet());
    for (Key key : keys.reversed()) {
      if (!other.now.containsKey(key) && now.get(key) instanceof AutoCloseable part) {
        try {
          part.close();
        } catch (Exception e) {
          LOG.atWarn()
              .addKeyValue("part", key.type().getSimpleName())
              .addKeyValue("fault", e.getClass().getName())
              .log("a part did not close");
        }
      }
    }
  }

  @Override
  public void close() {
    closeAllBut(none());
  }
}

package tokenvending.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tokenvending.state.BlockStore;

/** Stores the entries as fields of one hash. */
final class RedisBlocks implements BlockStore {
  private final RedisLink link;
  private final String key;

  RedisBlocks(RedisLink link, String key) {
    this.link = link;
    this.key = key;
  }

  @Override
  public Reading read() {
    Optional<Map<String, byte[]>> fields = link.call(store -> store.hgetall(key));
    if (fields.isEmpty()) {
      return new Reading.Unavailable();
    }
    Map<String, String> entries = new HashMap<>();
    fields.get().forEach((name, bytes) -> entries.put(name, new String(bytes, UTF_8)));
    return new Reading.Found(entries);
  }

  @Override
  public boolean put(String name, String entry) {
    return link.call(store -> store.hset(key, name, entry.getBytes(UTF_8))).isPresent();
  }

  @Override
  public void remove(String name) {
    var _ = link.call(store -> store.hdel(key, name));
  }
}

package tokenvending.redis;

import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.util.Optional;
import tokenvending.state.SealedEntries;

/** Stores each entry as a value with a time to live. */
final class RedisEntries implements SealedEntries {
  private final RedisLink link;
  private final String prefix;

  RedisEntries(RedisLink link, String prefix) {
    this.link = link;
    this.prefix = prefix;
  }

  @Override
  public Optional<byte[]> find(String name) {
    return link.call(store -> store.get(prefix + name));
  }

  @Override
  public void put(String name, byte[] sealed, Duration life) {
    SetArgs until = SetArgs.Builder.px(Math.max(1, life.toMillis()));
    link.send(store -> store.set(prefix + name, sealed, until));
  }
}

package tokenvending.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tokenvending.limits.RateCounters;

/**
 * Counts with its own script. A library such as Bucket4j counts one key at a time by the client's
 * clock; this script counts several keys together or not at all, by the store's clock.
 */
final class RedisCounters implements RateCounters {
  static final Script SCRIPT = Script.of(Script.read("counters.lua"));

  private final RedisLink link;
  private final Script script;
  private final String prefix;

  /** Counters over a link with the script loaded: {@link #SCRIPT}, possibly with another clock. */
  RedisCounters(RedisLink link, String prefix, Script script) {
    this.link = link;
    this.prefix = prefix;
    this.script = script;
  }

  @Override
  public Counted count(List<Charge> charges) {
    if (charges.isEmpty()) {
      return new Counted.Admitted();
    }
    String[] keys = charges.stream().map(charge -> prefix + charge.key()).toArray(String[]::new);
    List<byte[]> rates = new ArrayList<>();
    for (Charge charge : charges) {
      rates.add(Integer.toString(charge.rate().count()).getBytes(UTF_8));
      rates.add(Long.toString(micros(charge.rate().per())).getBytes(UTF_8));
    }
    Optional<List<Object>> answer =
        link.call(
            store ->
                store.evalsha(
                    script.name(), ScriptOutputType.MULTI, keys, rates.toArray(byte[][]::new)));
    if (answer.isEmpty()) {
      return new Counted.Unavailable();
    }
    long over = (Long) answer.get().get(0);
    long wait = (Long) answer.get().get(1);
    return over < 0
        ? new Counted.Admitted()
        : new Counted.Over((int) over, Duration.of(wait, ChronoUnit.MICROS));
  }

  private static long micros(Duration time) {
    return TimeUnit.NANOSECONDS.toMicros(time.toNanos());
  }
}

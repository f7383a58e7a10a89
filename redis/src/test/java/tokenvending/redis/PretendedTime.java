package tokenvending.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import tokenvending.budget.BudgetCaller;
import tokenvending.budget.BudgetQueue;
import tokenvending.budget.BudgetQueue.AcquireRequest;
import tokenvending.budget.BudgetQueue.Poll;
import tokenvending.limits.RateCounters;
import tokenvending.state.BlockStore;
import tokenvending.state.SealedEntries;
import tokenvending.state.SharedState;
import tokenvending.testing.Instance;
import tokenvending.testing.RedisProcess;

/**
 * What is counted in a real store, by scripts that take the time from a key in position of the
 * store's clock; empty at first.
 */
final class PretendedTime implements SharedState {
  /** What a starved machine needs for an answer. */
  static final Duration IN_NO_HURRY = Duration.ofSeconds(5);

  /** As the queue in memory has it. */
  private static final Duration NEXT_DOOR = Duration.ofMillis(250);

  private static final Pattern CLOCK = Pattern.compile("call\\('TIME'\\)");
  private static final long SECOND = 1_000_000;

  private final String prefix = UUID.randomUUID() + ":";
  private final String clock = prefix + "clock";
  private final RedisLink link;
  private final RedisBudgetQueue queue;
  private final RedisCounters counters;
  private final RedisEntries entries;
  private long now = 1_700_000_000 * SECOND;

  PretendedTime(RedisProcess store, Duration timeout) {
    Script ofLine = byKey(RedisBudgetQueue.SCRIPT);
    Script ofCounters = byKey(RedisCounters.SCRIPT);
    link =
        new RedisLink(
            RedisURI.create(store.address().reveal()),
            prefix + "alive",
            List.of(ofLine, ofCounters),
            SslOptions.create(),
            timeout,
            System::nanoTime);
    queue = new RedisBudgetQueue(link, prefix, ofLine, NEXT_DOOR);
    counters = new RedisCounters(link, prefix + "count:", ofCounters);
    entries = new RedisEntries(link, prefix + "entry:");
    pass(Duration.ZERO);
    while (queue.status(Instance.TERMS).isEmpty()) {
      pass(Duration.ZERO);
    }
  }

  private Script byKey(Script script) {
    if (CLOCK.matcher(script.text()).results().count() != 1) {
      throw new AssertionError("a script looks at the time elsewhere, too");
    }
    return Script.of(
        CLOCK.matcher(script.text()).replaceFirst("call('HMGET', '" + clock + "', 's', 'u')"));
  }

  @Override
  public BudgetQueue queue() {
    return queue;
  }

  @Override
  public RateCounters counters() {
    return counters;
  }

  /** They expire by the store's own clock. */
  @Override
  public SealedEntries entries() {
    return entries;
  }

  @Override
  public BlockStore blocks() {
    return new RedisBlocks(link, prefix + "blocks");
  }

  /** Whether somebody who comes after that time is granted a slot at once. */
  boolean passAndIsGranted(Duration time, String who) {
    pass(time);
    AcquireRequest request =
        new AcquireRequest(
            new BudgetCaller(who, false),
            who,
            Duration.ZERO,
            Duration.ZERO,
            0,
            false,
            Instance.TERMS);
    return queue.poll(request) instanceof Poll.Granted;
  }

  /** Sets the clock on, or back. */
  void pass(Duration time) {
    now += time.toNanos() / 1_000;
    Map<String, byte[]> set = Map.of("s", digits(now / SECOND), "u", digits(now % SECOND));
    var _ = link.call(store -> store.hset(clock, set));
  }

  /** Takes away what the store has under one of the queue's keys. */
  void lose(String part) {
    var _ = link.call(store -> store.del(prefix + part));
  }

  private static byte[] digits(long number) {
    return Long.toString(number).getBytes(UTF_8);
  }

  @Override
  public void close() {
    link.close();
  }
}

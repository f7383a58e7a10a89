package tokenvending.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tokenvending.budget.BudgetQueue;
import tokenvending.limits.RateCounters;
import tokenvending.secret.Secret;
import tokenvending.state.BlockStore;
import tokenvending.state.SealedEntries;
import tokenvending.state.SharedState;

/**
 * Shared state in Valkey or Redis (version 6 or newer, one primary, not a cluster). A store that
 * can evict entries without a time to live is unavailable. Data lost in a restart is harmless:
 * nothing is granted until every earlier grant has ended.
 */
public final class RedisState implements SharedState {
  /** One hash tag, so that all keys are on one shard. */
  private static final String PREFIX = "{tvm}:";

  private static final Pattern DATABASE = Pattern.compile("/?|/[0-9]{1,5}");

  /**
   * The only option that is accepted. The client supports others, including one that disables TLS
   * checks.
   */
  private static final Pattern TIMEOUT = Pattern.compile("timeout=([0-9]{1,4})(ms|s)");

  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(50);

  /** The largest timeout: a slot granted longer ago is not used, see FairBudget. */
  private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(1);

  private final RedisLink link;
  private final BudgetQueue queue;
  private final RateCounters counters;
  private final SealedEntries entries;
  private final BlockStore blocks;

  private RedisState(
      RedisURI address, String prefix, SslOptions trust, Duration timeout, LongSupplier nanoTime) {
    List<Script> scripts = List.of(RedisBudgetQueue.SCRIPT, RedisCounters.SCRIPT);
    this.link = new RedisLink(address, prefix + "alive", scripts, trust, timeout, nanoTime);
    this.queue =
        new RedisBudgetQueue(
            link,
            prefix + "queue:",
            RedisBudgetQueue.SCRIPT,
            timeout.compareTo(LONGEST_TIMEOUT) < 0 ? timeout : LONGEST_TIMEOUT);
    this.counters = new RedisCounters(link, prefix + "count:", RedisCounters.SCRIPT);
    this.entries = new RedisEntries(link, prefix + "entry:");
    this.blocks = new RedisBlocks(link, prefix + "blocks");
  }

  /**
   * Opens the store at a valid address without waiting for it. TLS uses the JDK's trust store.
   * {@code ?timeout=} in the address sets the longest wait for a response.
   *
   * @param nanoTime a monotonic clock
   */
  public static RedisState open(Secret address, LongSupplier nanoTime) {
    Duration timeout = timeout(address).orElse(RedisLink.USUAL_TIMEOUT);
    return open(address, PREFIX, SslOptions.create(), timeout, nanoTime);
  }

  /**
   * Opens the store under a key prefix, with other certificates and a longer timeout, for tests.
   */
  static RedisState open(
      Secret address, String prefix, SslOptions trust, Duration timeout, LongSupplier nanoTime) {
    String text = address.reveal().strip();
    int options = text.indexOf('?');
    return new RedisState(
        RedisURI.create(options < 0 ? text : text.substring(0, options)),
        prefix,
        trust,
        timeout,
        nanoTime);
  }

  private static Optional<Duration> timeout(Secret address) {
    String text = address.reveal().strip();
    Matcher option = TIMEOUT.matcher(text.substring(text.indexOf('?') + 1));
    if (!option.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(option.group(1));
    return Optional.of(
        option.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number));
  }

  /** Returns why an address is invalid, without repeating it; empty if it is valid. */
  public static Optional<String> problem(Secret address) {
    try {
      URI uri = new URI(address.reveal().strip());
      if (("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme()))
          && uri.getHost() != null
          && DATABASE.matcher(uri.getRawPath()).matches()
          && (uri.getRawQuery() == null
              || timeout(address)
                  .filter(time -> time.compareTo(SHORTEST_TIMEOUT) >= 0)
                  .filter(time -> time.compareTo(LONGEST_TIMEOUT) <= 0)
                  .isPresent())
          && uri.getRawFragment() == null) {
        var _ = RedisURI.create(uri);
        return Optional.empty();
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      // Reported below, because the exception's message can contain a password.
    }
    return Optional.of(
        "expected redis://HOST:PORT or rediss://HOST:PORT, with USER:PASSWORD@ before the host"
            + " where the store asks for it, /NUMBER after it for a database, and"
            + " ?timeout=500ms for the longest wait for an answer, 50ms to 1s");
  }

  @Override
  public BudgetQueue queue() {
    return queue;
  }

  @Override
  public RateCounters counters() {
    return counters;
  }

  @Override
  public SealedEntries entries() {
    return entries;
  }

  @Override
  public BlockStore blocks() {
    return blocks;
  }

  @Override
  public void close() {
    link.close();
  }
}

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
import tokenvending.state.SealedEntries;
import tokenvending.state.SharedState;

/**
 * State in Valkey or Redis (6 or newer, one primary, not a cluster of several). The store must not
 * evict what has no time to live, and one that can is taken to be unavailable; what it loses in a
 * restart is lost without harm: nothing is granted then until all that it may have granted is over.
 */
public final class RedisState implements SharedState {
  /** One hash tag, so that all keys are on one shard wherever there are shards. */
  private static final String PREFIX = "{tvm}:";

  private static final Pattern DATABASE = Pattern.compile("/?|/[0-9]{1,5}");

  /** The one option: other ones the client would take, one that leaves out checks of TLS, too. */
  private static final Pattern TIMEOUT = Pattern.compile("timeout=([0-9]{1,4})(ms|s)");

  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(50);

  /** A slot that was granted longer ago is not used any more, see FairBudget. */
  private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(1);

  private final RedisLink link;
  private final BudgetQueue queue;
  private final RateCounters counters;
  private final SealedEntries entries;

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
  }

  /**
   * Opens the store at an address without a problem, and does not wait for it. Over TLS it trusts
   * whom the JDK trusts. {@code ?timeout=} in the address is the longest wait for an answer.
   *
   * @param nanoTime a clock that never steps
   */
  public static RedisState open(Secret address, LongSupplier nanoTime) {
    Duration timeout = timeout(address).orElse(RedisLink.USUAL_TIMEOUT);
    return open(address, PREFIX, SslOptions.create(), timeout, nanoTime);
  }

  /** For tests: as if the store were another one, with certificates of theirs, in no hurry. */
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

  /** Why an address can never be opened, in words that do not repeat it; empty where it can. */
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
      // Said below: its own text may hold a password.
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
  public void close() {
    link.close();
  }
}

package tokenvending.momentolocal;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import tokenvending.momentolocal.fault.FaultPlan;

/**
 * The options of a {@link MomentoLocal}. {@link #defaults()} suits developers; each {@code with…}
 * changes one option.
 *
 * @param clock decides when tokens and items expire, to the millisecond
 * @param nanoTime a monotonic clock in nanoseconds, for the rate of auth operations
 * @param authOperationsPerSecond the most Token and Auth calls in any second
 * @param endpoint the endpoint in minted tokens: a host name, with a port if needed
 * @param keyless whether calls without a key have a session's authority
 * @param givenKeys keys to use instead of random ones
 * @param heartbeatInterval the interval of heartbeats on idle subscriptions
 * @param faults which calls fail although nothing is wrong with them
 * @param endStreamsAtExpiry whether a subscription ends when its token expires
 * @param allowedHosts host names to accept besides loopback, without port
 * @param allowedOrigins origins of web pages to accept besides loopback
 * @param maxCacheBytes the most bytes of all cached items
 * @param maxTopicBytes the most bytes of the history of all topics
 * @param random generates the keys
 */
public record MomentoLocalOptions(
    InstantSource clock,
    LongSupplier nanoTime,
    int authOperationsPerSecond,
    String endpoint,
    boolean keyless,
    PresetKeys givenKeys,
    Duration heartbeatInterval,
    FaultPlan faults,
    boolean endStreamsAtExpiry,
    Set<String> allowedHosts,
    Set<String> allowedOrigins,
    long maxCacheBytes,
    long maxTopicBytes,
    SecureRandom random) {

  private static final Pattern ENDPOINT =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(:[0-9]{1,5})?");
  private static final long MEBIBYTE = 1024 * 1024;

  public MomentoLocalOptions {
    if (authOperationsPerSecond < 1 || authOperationsPerSecond > 1_000_000) {
      throw new IllegalArgumentException("auth operations per second: 1 to 1000000");
    }
    if (!ENDPOINT.matcher(endpoint).matches()) {
      throw new IllegalArgumentException("not a host name: " + endpoint);
    }
    if (heartbeatInterval.isNegative() || heartbeatInterval.isZero()) {
      throw new IllegalArgumentException("the heartbeat interval must be positive");
    }
    if (maxCacheBytes < 1 || maxTopicBytes < 1) {
      throw new IllegalArgumentException("a limit below 1 byte");
    }
    allowedHosts = Set.copyOf(allowedHosts);
    allowedOrigins = Set.copyOf(allowedOrigins);
  }

  /** Momento's own limits, random keys, 256 MiB of items and 128 MiB of topic history. */
  public static MomentoLocalOptions defaults() {
    return new MomentoLocalOptions(
        InstantSource.system(),
        System::nanoTime,
        5,
        "localhost",
        false,
        PresetKeys.none(),
        Duration.ofSeconds(5),
        FaultPlan.none(),
        true,
        Set.of(),
        Set.of(),
        256 * MEBIBYTE,
        128 * MEBIBYTE,
        new SecureRandom());
  }

  public MomentoLocalOptions withClock(InstantSource clock) {
    return with(draft -> draft.clock = clock);
  }

  public MomentoLocalOptions withNanoTime(LongSupplier nanoTime) {
    return with(draft -> draft.nanoTime = nanoTime);
  }

  public MomentoLocalOptions withAuthOperationsPerSecond(int authOperationsPerSecond) {
    return with(draft -> draft.authOperationsPerSecond = authOperationsPerSecond);
  }

  public MomentoLocalOptions withEndpoint(String endpoint) {
    return with(draft -> draft.endpoint = endpoint);
  }

  public MomentoLocalOptions withKeyless(boolean keyless) {
    return with(draft -> draft.keyless = keyless);
  }

  public MomentoLocalOptions withGivenKeys(PresetKeys givenKeys) {
    return with(draft -> draft.givenKeys = givenKeys);
  }

  public MomentoLocalOptions withHeartbeatInterval(Duration heartbeatInterval) {
    return with(draft -> draft.heartbeatInterval = heartbeatInterval);
  }

  public MomentoLocalOptions withEndStreamsAtExpiry(boolean endStreamsAtExpiry) {
    return with(draft -> draft.endStreamsAtExpiry = endStreamsAtExpiry);
  }

  public MomentoLocalOptions withFaults(FaultPlan faults) {
    return with(draft -> draft.faults = faults);
  }

  public MomentoLocalOptions withAllowedHosts(Set<String> allowedHosts) {
    return with(draft -> draft.allowedHosts = allowedHosts);
  }

  public MomentoLocalOptions withAllowedOrigins(Set<String> allowedOrigins) {
    return with(draft -> draft.allowedOrigins = allowedOrigins);
  }

  public MomentoLocalOptions withMaxCacheBytes(long maxCacheBytes) {
    return with(draft -> draft.maxCacheBytes = maxCacheBytes);
  }

  public MomentoLocalOptions withMaxTopicBytes(long maxTopicBytes) {
    return with(draft -> draft.maxTopicBytes = maxTopicBytes);
  }

  private MomentoLocalOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** A mutable copy of the options, for changing one of them. */
  private static final class Draft {
    private InstantSource clock;
    private LongSupplier nanoTime;
    private int authOperationsPerSecond;
    private String endpoint;
    private boolean keyless;
    private PresetKeys givenKeys;
    private Duration heartbeatInterval;
    private FaultPlan faults;
    private boolean endStreamsAtExpiry;
    private Set<String> allowedHosts;
    private Set<String> allowedOrigins;
    private long maxCacheBytes;
    private long maxTopicBytes;
    private SecureRandom random;

    Draft(MomentoLocalOptions options) {
      clock = options.clock;
      nanoTime = options.nanoTime;
      authOperationsPerSecond = options.authOperationsPerSecond;
      endpoint = options.endpoint;
      keyless = options.keyless;
      givenKeys = options.givenKeys;
      heartbeatInterval = options.heartbeatInterval;
      faults = options.faults;
      endStreamsAtExpiry = options.endStreamsAtExpiry;
      allowedHosts = options.allowedHosts;
      allowedOrigins = options.allowedOrigins;
      maxCacheBytes = options.maxCacheBytes;
      maxTopicBytes = options.maxTopicBytes;
      random = options.random;
    }

    MomentoLocalOptions options() {
      return new MomentoLocalOptions(
          clock,
          nanoTime,
          authOperationsPerSecond,
          endpoint,
          keyless,
          givenKeys,
          heartbeatInterval,
          faults,
          endStreamsAtExpiry,
          allowedHosts,
          allowedOrigins,
          maxCacheBytes,
          maxTopicBytes,
          random);
    }
  }
}

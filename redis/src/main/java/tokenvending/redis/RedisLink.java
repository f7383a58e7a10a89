package tokenvending.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.state.StoreResponse;

/**
 * The only connection to the store, shared by all threads, and whether the store is available.
 * Every failure, and every response later than {@link AdaptiveTimeout} allows, ends the connection:
 * no command is sent twice, and no caller waits for an unavailable store. A thread reconnects, and
 * writes a heartbeat four times a second. An idle instance thus notices outages as soon as others,
 * and a store that rejects writes is unavailable to all. Thread-safe.
 */
final class RedisLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

  /** The longest timeout, unless the address sets one. */
  static final Duration USUAL_TIMEOUT = Duration.ofMillis(500);

  private static final Duration PULSE = Duration.ofMillis(250);

  /**
   * The timeout for connecting. Callers wait for a process's first connection, which loads classes,
   * but not for later ones.
   */
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** The heartbeat expires after a minute. */
  private static final SetArgs HEARTBEAT = SetArgs.Builder.ex(60);

  private static final byte[] NOTHING = {};

  /** The first words of the errors of an unusable store. */
  private static final Set<String> REFUSALS =
      Set.of(
          "ASK",
          "BUSY",
          "CLUSTERDOWN",
          "CROSSSLOT",
          "LOADING",
          "MASTERDOWN",
          "MISCONF",
          "MOVED",
          "NOAUTH",
          "NOPERM",
          "NOREPLICAS",
          "NOSCRIPT",
          "OOM",
          "READONLY",
          "TRYAGAIN",
          "WRONGPASS");

  /** The most unanswered commands; more would mean a serious problem. */
  private static final int MOST_UNDER_WAY = 10_000;

  private final ClientResources resources;
  private final RedisClient client;
  private final RedisURI address;
  private final String heartbeatKey;
  private final List<Script> scripts;
  private final AdaptiveTimeout responseTimeout;
  private final LongSupplier nanoTime;

  private final AtomicReference<@Nullable StatefulRedisConnection<String, byte[]>> connection =
      new AtomicReference<>();
  private final CompletableFuture<Boolean> firstTry = new CompletableFuture<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicLong longestOutage = new AtomicLong();
  private final Semaphore wakeUps = new Semaphore(0);
  private volatile long lostAt;
  private volatile String loggedFault = "";

  /**
   * Starts to connect without waiting.
   *
   * @param heartbeatKey the key of the heartbeat
   * @param trust the trusted certificates, if the address requires TLS
   * @param timeout the longest wait for a response
   */
  RedisLink(
      RedisURI address,
      String heartbeatKey,
      List<Script> scripts,
      SslOptions trust,
      Duration timeout,
      LongSupplier nanoTime) {
    this.address = address;
    this.heartbeatKey = heartbeatKey;
    this.scripts = scripts;
    this.responseTimeout = new AdaptiveTimeout(timeout);
    this.nanoTime = nanoTime;
    this.lostAt = nanoTime.getAsLong();
    resources =
        DefaultClientResources.builder()
            .ioThreadPoolSize(2)
            .computationThreadPoolSize(2)
            .addressResolverGroup(DefaultAddressResolverGroup.INSTANCE)
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .build();
    address.setTimeout(CONNECT);
    client = RedisClient.create(resources);
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(false)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .requestQueueSize(MOST_UNDER_WAY)
            .sslOptions(trust)
            .socketOptions(SocketOptions.builder().connectTimeout(CONNECT).build())
            .build());
    Thread.ofVirtual().name("redis").start(this::tend);
  }

  /**
   * Sends a command and returns the response; empty if the store is unavailable. Never throws, and
   * keeps an interrupt.
   */
  <T> Optional<T> call(Function<RedisAsyncCommands<String, byte[]>, ? extends Future<T>> command) {
    StatefulRedisConnection<String, byte[]> current = current();
    if (current == null) {
      return Optional.empty();
    }
    long since = nanoTime.getAsLong();
    try {
      T answer =
          StoreResponse.await(command.apply(current.async()), responseTimeout.now(), nanoTime);
      responseTimeout.answered(nanoTime.getAsLong() - since);
      return Optional.ofNullable(answer);
    } catch (TimeoutException e) {
      responseTimeout.late();
      lose(current, e);
      return Optional.empty();
    } catch (ExecutionException | RuntimeException e) {
      lose(current, e);
      return Optional.empty();
    }
  }

  /** Sends a command without waiting for its response; the thread's next command comes after it. */
  void send(Function<RedisAsyncCommands<String, byte[]>, ? extends CompletionStage<?>> command) {
    StatefulRedisConnection<String, byte[]> current = current();
    if (current == null) {
      return;
    }
    try {
      command
          .apply(current.async())
          .whenComplete(
              (done, failure) -> {
                if (failure != null) {
                  lose(current, failure);
                }
              });
    } catch (RuntimeException e) {
      lose(current, e);
    }
  }

  /** Returns the longest outage that has not been reported to the store yet. */
  Duration longestOutage() {
    return Duration.ofNanos(longestOutage.get());
  }

  /** Records that the store received that outage. */
  void outageReported(Duration reported) {
    var _ = longestOutage.compareAndSet(reported.toNanos(), 0);
  }

  /** Returns the usual response time. */
  Duration roundTrip() {
    return responseTimeout.usual();
  }

  private @Nullable StatefulRedisConnection<String, byte[]> current() {
    if (connection.get() == null && !firstTry.isDone()) {
      awaitFirstTry();
    }
    return connection.get();
  }

  private void awaitFirstTry() {
    try {
      var _ = StoreResponse.await(firstTry, CONNECT, nanoTime);
    } catch (ExecutionException | TimeoutException e) {
      // There is no connection yet.
    }
  }

  private void lose(StatefulRedisConnection<String, byte[]> lost, Throwable cause) {
    if (connection.compareAndSet(lost, null)) {
      lostAt = nanoTime.getAsLong();
      logUnavailable(word(cause));
      var _ = lost.closeAsync();
      wakeUps.release();
    }
  }

  /**
   * Returns the first word of an error of the store, or the type of another failure, because
   * messages can contain any text.
   */
  private static String word(Throwable fault) {
    Throwable first = fault;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return refusal(first).orElse(first.getClass().getSimpleName());
  }

  private static Optional<String> refusal(Throwable fault) {
    String text = String.valueOf(fault.getMessage());
    int end = text.indexOf(' ');
    return Optional.of(end < 0 ? text : text.substring(0, end))
        .filter(word -> fault instanceof RedisCommandExecutionException && REFUSALS.contains(word));
  }

  private void logUnavailable(String fault) {
    loggedFault = fault;
    if (fault.equals(TimeoutException.class.getSimpleName())) {
      LOG.atWarn()
          .addKeyValue("fault", fault)
          .addKeyValue("timeoutMillis", responseTimeout.limit().toMillis())
          .log("the shared state is unavailable");
    } else {
      LOG.atWarn().addKeyValue("fault", fault).log("the shared state is unavailable");
    }
  }

  private void tend() {
    boolean isFirst = true;
    try {
      do {
        if (connection.get() != null) {
          var _ = call(store -> store.set(heartbeatKey, NOTHING, HEARTBEAT));
        } else {
          connect(isFirst);
          isFirst = false;
          var _ = firstTry.complete(true);
        }
        // Reconnects at once after a lost connection or a single late response.
        if (wakeUps.tryAcquire(PULSE.toMillis(), TimeUnit.MILLISECONDS)) {
          wakeUps.drainPermits();
        }
      } while (closed.getCount() > 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void connect(boolean isFirst) {
    long since = nanoTime.getAsLong();
    CompletableFuture<StatefulRedisConnection<String, byte[]>> opening = opening();
    try {
      StatefulRedisConnection<String, byte[]> opened =
          StoreResponse.await(opening, CONNECT, nanoTime);
      long now = nanoTime.getAsLong();
      if (!isFirst) {
        longestOutage.accumulateAndGet(now - lostAt, Math::max);
      }
      // Three round trips: connect, handshake, preparation.
      responseTimeout.answered((now - since) / 3);
      connection.set(opened);
      LOG.atInfo().log("the shared state is reachable");
      if (closed.getCount() == 0) {
        close();
      }
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      // Its result is too late.
      var _ =
          opening.whenComplete(
              (late, failure) -> {
                if (late != null) {
                  var _ = late.closeAsync();
                }
              });
      String fault = word(e);
      // An outage is logged once, and again if the store reports another reason.
      if (isFirst || (!fault.equals(loggedFault) && REFUSALS.contains(fault))) {
        logUnavailable(fault);
      }
    }
  }

  /**
   * Opens a connection, loads the scripts, and checks that the store accepts writes and does not
   * evict entries.
   */
  private CompletableFuture<StatefulRedisConnection<String, byte[]>> opening() {
    try {
      return client
          .connectAsync(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE), address)
          .thenCompose(
              made ->
                  prepared(made.async())
                      .whenComplete(
                          (done, failure) -> {
                            if (failure != null) {
                              var _ = made.closeAsync();
                            }
                          })
                      .thenApply(done -> made))
          .toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<?> prepared(RedisAsyncCommands<String, byte[]> store) {
    Stream<CompletionStage<?>> steps =
        Stream.concat(
            scripts.stream().map(script -> store.scriptLoad(script.text())),
            Stream.of(
                store.set(heartbeatKey, NOTHING, HEARTBEAT),
                store.info("memory").thenAccept(RedisLink::mustNotEvict)));
    return CompletableFuture.allOf(
        steps.map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new));
  }

  /** Throws if the store can evict entries: an evicted slot could be granted twice. */
  private static void mustNotEvict(String memory) {
    if (memory.contains("maxmemory_policy:allkeys-") && !memory.contains("maxmemory:0\r")) {
      throw new EvictingStoreException();
    }
  }

  /** Its name is shown in the log. */
  private static final class EvictingStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @Override
  public void close() {
    closed.countDown();
    wakeUps.release();
    connection.set(null);
    var _ = client.shutdownAsync(0, 2, TimeUnit.SECONDS);
    var _ = resources.shutdown(0, 2, TimeUnit.SECONDS);
  }
}

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
 * Holds the one connection to the store, which all threads share, and tracks whether the store is
 * available. Whatever fails, or takes longer than {@link AdaptiveTimeout} allows, ends the
 * connection: no command is sent twice, and no caller waits for a store that is unavailable. A
 * thread makes the next connection, and writes a heartbeat four times a second, so that an idle
 * instance notices an outage as soon as the others, and a store that takes no writes is unavailable
 * for all.
 */
final class RedisLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

  /** The longest wait for a response, where the address does not set it. */
  static final Duration USUAL_TIMEOUT = Duration.ofMillis(500);

  private static final Duration PULSE = Duration.ofMillis(250);

  /**
   * Every caller waits for the first connection of a process, which loads the classes for it, and
   * none for later ones.
   */
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** A heartbeat is gone after a minute. */
  private static final SetArgs HEARTBEAT = SetArgs.Builder.ex(60);

  private static final byte[] NOTHING = {};

  /** The first words of the errors of a store that cannot be used. */
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

  /** More commands than these have not been answered only where something is very wrong. */
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
   * Starts to connect, and does not wait for it.
   *
   * @param heartbeatKey the key of the heartbeat
   * @param trust the certificates that are trusted, where the address requires TLS
   * @param timeout the longest wait for an answer
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

  /** The response; empty where the store is unavailable. Never throws, and keeps an interrupt. */
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

  /** The longest outage of the store that no step has reported to it yet. */
  Duration longestOutage() {
    return Duration.ofNanos(longestOutage.get());
  }

  /** The store knows of that outage. */
  void outageReported(Duration reported) {
    var _ = longestOutage.compareAndSet(reported.toNanos(), 0);
  }

  /** How long a response usually takes. */
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
      // Then there is no connection yet.
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

  /** A refusal by its first word, other faults by their kind: texts may hold anything. */
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
        // Sooner where the connection is lost: after one late answer the store is there at once.
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
      // Three round trips: for the connection, for the greeting, for what prepares it.
      responseTimeout.answered((now - since) / 3);
      connection.set(opened);
      LOG.atInfo().log("the shared state is reachable");
      if (closed.getCount() == 0) {
        close();
      }
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      // Whatever comes of it now is too late.
      var _ =
          opening.whenComplete(
              (late, failure) -> {
                if (late != null) {
                  var _ = late.closeAsync();
                }
              });
      String fault = word(e);
      // That it is still unavailable is logged once, and again where it reports another reason.
      if (isFirst || (!fault.equals(loggedFault) && REFUSALS.contains(fault))) {
        logUnavailable(fault);
      }
    }
  }

  /**
   * A connection to a store that knows the scripts, which one that was started again does not, that
   * takes what is written, and that forgets nothing while it is up.
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

  /** Slots that were evicted could be granted twice. */
  private static void mustNotEvict(String memory) {
    if (memory.contains("maxmemory_policy:allkeys-") && !memory.contains("maxmemory:0\r")) {
      throw new EvictingStoreException();
    }
  }

  /** Its name is what the log shows. */
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

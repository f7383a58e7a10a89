package tokenvending.aws;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.state.StoreResponse;

/**
 * Runs steps against the table, and tracks whether the table is available. Connects with the first
 * step. A step consists of a few calls and is abandoned if it takes too long; then, or if a call
 * fails, the table is unavailable. With a pulse, a thread reads an item four times a second, so
 * that an idle instance notices outages as soon as others, and no caller waits for an unavailable
 * table. Without a pulse, the first step half a second later tries again. Thread-safe.
 */
final class DynamoDbLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DynamoDbLink.class);

  /** The timeout of a step: up to eight calls, which take about 5 ms each within a region. */
  static final Duration TIMEOUT = Duration.ofMillis(400);

  /**
   * The timeout of the first step, which loads classes, finds credentials and opens a connection.
   */
  private static final Duration FIRST_TIMEOUT = Duration.ofSeconds(3);

  private static final Duration PULSE = Duration.ofMillis(250);
  private static final Duration PAUSE_WHILE_UNAVAILABLE = Duration.ofMillis(500);

  /** A shorter outage is harmless: an instance idles longer before it grants from its own share. */
  private static final Duration SHORT_OUTAGE = Duration.ofMillis(500);

  /**
   * The number of idle connections that the HTTP client keeps; more concurrent calls open others.
   */
  private static final int CONNECTIONS = 5;

  /** Whether a thread checks that the table is available. */
  enum Pulse {
    YES,
    NO
  }

  private final Table table;
  private final LongSupplier nanoTime;
  private final Pulse pulse;
  private final Duration timeout;
  private final Map<String, AttributeValue> pulseKey;

  private final Semaphore connections = new Semaphore(CONNECTIONS);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicLong outages = new AtomicLong();
  private final Object lock = new Object();
  private volatile boolean settled;
  private volatile boolean unavailable;
  private volatile long lostAt;

  /**
   * Does not connect unless there is a pulse.
   *
   * @param timeout the timeout of each step except the first
   * @param pulseKey the item that the pulse reads
   */
  DynamoDbLink(
      Table table,
      LongSupplier nanoTime,
      Pulse pulse,
      Duration timeout,
      Map<String, AttributeValue> pulseKey) {
    this.table = table;
    this.nanoTime = nanoTime;
    this.pulse = pulse;
    this.timeout = timeout;
    this.pulseKey = Map.copyOf(pulseKey);
    this.lostAt = nanoTime.getAsLong();
    if (pulse == Pulse.YES) {
      Thread.ofVirtual().name("dynamodb").start(this::tend);
    }
  }

  /** Returns the number of outages in which an instance can have granted from its own share. */
  long outages() {
    return outages.get();
  }

  /** The calls of one step. */
  final class Step {
    private volatile boolean over;

    /** Makes one call. Throws if the call fails or the step was abandoned. */
    <T> T call(Function<Table, T> call) {
      connections.acquireUninterruptibly();
      try {
        if (over || closed.getCount() == 0) {
          throw new TooLate();
        }
        return call.apply(table);
      } finally {
        connections.release();
      }
    }

    /** Makes calls that have no result. */
    void run(Consumer<Table> calls) {
      var _ =
          call(
              client -> {
                calls.accept(client);
                return calls;
              });
    }
  }

  /** The step was abandoned. */
  private static final class TooLate extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Too many steps change the same item at once. */
  static final class TooMany extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Runs a step and waits for it, for a fraction of a second. */
  <T> Reply<T> call(Function<Step, T> question) {
    if (unavailable && (pulse == Pulse.YES || since(lostAt) < PAUSE_WHILE_UNAVAILABLE.toNanos())) {
      return new Reply.Unavailable<>();
    }
    return put(question);
  }

  /** Runs a step without waiting. */
  void start(Consumer<Table> calls) {
    if (!unavailable) {
      var _ = start(new Step(), step -> run(step, calls));
    }
  }

  /** Runs a step and waits for it, ignoring its result. */
  void run(Consumer<Table> calls) {
    var _ = call(step -> run(step, calls));
  }

  private static Object run(Step step, Consumer<Table> calls) {
    step.run(calls);
    return calls;
  }

  private <T> Reply<T> put(Function<Step, T> question) {
    Step step = new Step();
    CompletableFuture<T> answer = start(step, question);
    try {
      T value = StoreResponse.await(answer, settled ? timeout : FIRST_TIMEOUT, nanoTime);
      found();
      return new Reply.Answered<>(value);
    } catch (TimeoutException e) {
      step.over = true;
      lose("timeout");
      return new Reply.Unavailable<>();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TooMany || isThrottled(e.getCause())) {
        return new Reply.Busy<>();
      }
      lose(word(e.getCause()));
      return new Reply.Unavailable<>();
    }
  }

  /** Runs the step on its own thread, because the HTTP client has no deadline for a whole call. */
  private static <T> CompletableFuture<T> start(Step step, Function<Step, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("dynamodb-step")
        .start(
            () -> {
              try {
                answer.complete(question.apply(step));
              } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
              }
            });
    return answer;
  }

  private void found() {
    synchronized (lock) {
      if (settled && !unavailable) {
        return;
      }
      if (unavailable && since(lostAt) > SHORT_OUTAGE.toNanos() && pulse == Pulse.YES) {
        outages.incrementAndGet();
      }
      unavailable = false;
      settled = true;
    }
    LOG.atInfo().log("the shared state is reachable");
  }

  private void lose(String fault) {
    if (closed.getCount() == 0) {
      return;
    }
    synchronized (lock) {
      boolean known = unavailable;
      settled = true;
      unavailable = true;
      if (known) {
        if (pulse == Pulse.NO) {
          lostAt = nanoTime.getAsLong();
        }
        return;
      }
      lostAt = nanoTime.getAsLong();
    }
    LOG.atWarn().addKeyValue("fault", fault).log("the shared state is unavailable");
  }

  private long since(long start) {
    return nanoTime.getAsLong() - start;
  }

  private static boolean isThrottled(@Nullable Throwable cause) {
    return cause instanceof Table.Refused refusal && refusal.isThrottled();
  }

  /**
   * Returns the type of a failure, because its message can contain data that must not be logged.
   */
  private static String word(@Nullable Throwable cause) {
    return switch (cause) {
      case null -> "unknown";
      case Table.Refused refusal -> refusal.code();
      case UncheckedIOException unanswered -> word(unanswered.getCause());
      default -> cause.getClass().getSimpleName();
    };
  }

  private void tend() {
    try {
      do {
        var _ = put(step -> step.call(open -> open.get(pulseKey, Table.Reading.CHEAP)));
      } while (!closed.await(PULSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    table.close();
  }
}

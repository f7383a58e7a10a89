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
 * Runs steps against the table, and tracks whether it is available. Nothing is connected before the
 * first step. A step is a few calls, and is given up with all of them when it takes too long; then,
 * or when a call fails, the table is unavailable. With a pulse a thread reads an item four times a
 * second, so that an idle instance notices an outage as soon as the others, and no caller waits for
 * a table that is unavailable. Without one, the first step half a second later tries again.
 * Thread-safe.
 */
final class DynamoDbLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DynamoDbLink.class);

  /** A step is up to eight calls, of some 5 ms each within a region. */
  static final Duration TIMEOUT = Duration.ofMillis(400);

  /** The first step loads classes, finds credentials and shakes hands. */
  private static final Duration FIRST_TIMEOUT = Duration.ofSeconds(3);

  private static final Duration PULSE = Duration.ofMillis(250);
  private static final Duration PAUSE_WHILE_UNAVAILABLE = Duration.ofMillis(500);

  /** A shorter outage cannot have made an instance go on alone, since it idles for longer. */
  private static final Duration SHORT_OUTAGE = Duration.ofMillis(500);

  /** So many idle connections are kept by the HTTP client; more calls at once would open others. */
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
   * Connects to nothing yet, unless there is a pulse.
   *
   * @param timeout how long a step may take, but for the first
   * @param pulseKey the item that is asked for
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

  /** How many outages were so long that an instance may have gone on alone. */
  long outages() {
    return outages.get();
  }

  /** The calls of one step. */
  final class Step {
    private volatile boolean over;

    /** One call. Throws where it fails, and where the step was given up. */
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

    /** Calls that have no answer. */
    void run(Consumer<Table> calls) {
      var _ =
          call(
              client -> {
                calls.accept(client);
                return calls;
              });
    }
  }

  /** The step was given up. */
  private static final class TooLate extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Too many steps change the same item at once. */
  static final class TooMany extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Takes the step, and waits for it for a fraction of a second. */
  <T> Reply<T> call(Function<Step, T> question) {
    if (unavailable && (pulse == Pulse.YES || since(lostAt) < PAUSE_WHILE_UNAVAILABLE.toNanos())) {
      return new Reply.Unavailable<>();
    }
    return put(question);
  }

  /** Takes the step, and does not wait. */
  void start(Consumer<Table> calls) {
    if (!unavailable) {
      var _ = start(new Step(), step -> run(step, calls));
    }
  }

  /** Takes the step, and waits for it; what came of it does not matter. */
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

  /** In a thread of its own: the HTTP client has no deadline for a whole call. */
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

  /** The kind of fault alone: a message may name more than belongs into a log. */
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

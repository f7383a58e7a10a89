package tokenvending.auditlog;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tokenvending.audit.AuditEvent;
import tokenvending.audit.AuditSink;

/**
 * Writes audit events as JSON lines from a bounded queue, on its own thread, several lines in one
 * write. A caller waits a limited time for its line; a blocked target affects only the writer's
 * thread.
 *
 * <p>If a line was not written in time, the target receives a second line for the same request as
 * soon as it accepts lines again. That line reports the failure, so an event whose caller received
 * {@code false} is never in the log without it. While the target fails, no caller waits, and the
 * writer retries several times a second. Events that do not fit into the queue are counted, and the
 * count is written. Thread-safe.
 */
public final class AuditWriter implements AuditSink, AutoCloseable {
  /** How long a caller waits for its line, and how long a write can take before it is an outage. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  /** The most queued lines, of about half a KiB each. */
  static final int CAPACITY = 4096;

  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(2);

  /** How often a failed target is tried within {@link #LONGEST_WAIT}. */
  private static final int TRIES = 10;

  /** The most lines in one write. */
  private static final int LINES_AT_ONCE = 256;

  private static final Logger LOG = LoggerFactory.getLogger(AuditWriter.class);

  private final AuditTarget target;
  private final JsonLines json;
  private final TargetHealth health;
  private final LongSupplier nanoTime;
  private final Duration longestWait;
  private final BlockingQueue<AuditLine> queue = new LinkedBlockingQueue<>(CAPACITY);
  private final OmittedEvents leftOut = new OmittedEvents();
  private final AtomicBoolean started = new AtomicBoolean();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * Writes to a target.
   *
   * @param json encodes the events
   * @param longestWait how long a caller waits for its line, and how long a write can take before
   *     it is an outage
   */
  AuditWriter(AuditTarget target, JsonLines json, LongSupplier nanoTime, Duration longestWait) {
    this.target = target;
    this.json = json;
    this.health = new TargetHealth(target.name(), nanoTime, longestWait);
    this.nanoTime = nanoTime;
    this.longestWait = longestWait;
  }

  /**
   * Appends to a file, which the first event opens or creates; its folder must exist.
   *
   * @param instance the name of this process in every line
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   */
  public static AuditWriter toFile(Path file, Optional<String> instance, LongSupplier nanoTime) {
    return new AuditWriter(new FileTarget(file), new JsonLines(instance), nanoTime, LONGEST_WAIT);
  }

  /**
   * Writes to standard output and does not close it.
   *
   * @param stdout must throw on failures, which a {@link java.io.PrintStream} does not
   * @param instance the name of this process in every line
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   */
  public static AuditWriter toStream(
      OutputStream stdout, Optional<String> instance, LongSupplier nanoTime) {
    return new AuditWriter(
        new StreamTarget(stdout), new JsonLines(instance), nanoTime, LONGEST_WAIT);
  }

  /** Writes the event and waits for it, at most 2 s; does not wait while the target fails. */
  @Override
  public boolean record(AuditEvent event) {
    if (problem().isPresent()) {
      submit(event.notRecorded());
      return false;
    }
    AuditLine line = AuditLine.awaited(event, json);
    long deadline = nanoTime.getAsLong() + longestWait.toNanos();
    if (!queued(line)) {
      submit(event.notRecorded());
      return false;
    }
    if (line.await(Duration.ofNanos(deadline - nanoTime.getAsLong()))) {
      return true;
    }
    health.gaveUp();
    return false;
  }

  @Override
  public void submit(AuditEvent event) {
    if (isClosed()) {
      return;
    }
    if (!queue.offer(AuditLine.alone(event, json))) {
      leftOut.count(event);
    }
    start();
  }

  @Override
  public Optional<String> problem() {
    return health.problem();
  }

  /** Queues the line, and waits for room after a burst. */
  private boolean queued(AuditLine line) {
    if (isClosed()) {
      return false;
    }
    start();
    if (queue.offer(line)) {
      return true;
    }
    boolean interrupted = Thread.interrupted();
    try {
      return queue.offer(line, longestWait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean isClosed() {
    return closing.getCount() == 0;
  }

  private void start() {
    if (!started.get() && started.compareAndSet(false, true)) {
      // Not a virtual thread: a blocking write would occupy a carrier thread.
      Thread.ofPlatform().daemon().name("audit").start(this::run);
    }
  }

  private void run() {
    try {
      List<AuditLine> next = List.of();
      boolean closed;
      do {
        if (health.hasFailed()) {
          var _ = closing.await(longestWait.toMillis() / TRIES, TimeUnit.MILLISECONDS);
        }
        closed = isClosed();
        next = write(batch(next));
      } while (!closed || (!health.hasFailed() && !(next.isEmpty() && queue.isEmpty())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      target.close();
      ended.countDown();
    }
  }

  /** Returns these lines and as many queued ones as fit one write; waits for at least one. */
  private List<AuditLine> batch(List<AuditLine> first) throws InterruptedException {
    List<AuditLine> batch = new ArrayList<>(first);
    if (batch.isEmpty() && !isClosed()) {
      batch.add(queue.take());
    }
    if (batch.size() < LINES_AT_ONCE) {
      queue.drainTo(batch, LINES_AT_ONCE - batch.size());
    }
    leftOut.take().map(event -> AuditLine.alone(event, json)).ifPresent(batch::add);
    return batch;
  }

  /** Writes a batch. Returns the lines that must be written next. */
  private List<AuditLine> write(List<AuditLine> batch) {
    List<byte[]> lines = new ArrayList<>(batch.size());
    int size = 0;
    for (AuditLine line : batch) {
      byte[] bytes = line.begin();
      lines.add(bytes);
      size += bytes.length;
    }
    ByteBuffer all = ByteBuffer.allocate(size);
    lines.forEach(all::put);
    all.flip();
    health.begins();
    try {
      if (all.hasRemaining()) {
        target.write(all);
      }
      health.succeeded();
    } catch (IOException | RuntimeException e) {
      health.failed(e);
    }
    List<AuditLine> next = new ArrayList<>();
    int end = 0;
    for (int i = 0; i < batch.size(); i++) {
      end += lines.get(i).length;
      if (end <= all.position()) {
        batch.get(i).written().ifPresent(next::add);
      } else {
        next.add(batch.get(i).lost());
      }
    }
    return next;
  }

  /**
   * Writes the queue for at most 2 s and ends; later events are rejected. If the target hangs, the
   * thread remains until the target responds.
   */
  @Override
  public void close() {
    boolean first = !isClosed();
    closing.countDown();
    if (!first || !started.get()) {
      return;
    }
    var _ = queue.offer(AuditLine.wakeUp(json));
    boolean complete = false;
    try {
      complete = ended.await(LONGEST_CLOSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!complete || !queue.isEmpty() || health.hasFailed()) {
      LOG.atError()
          .addKeyValue("target", target.name())
          .log("the audit log was closed before all lines were written");
    }
  }
}

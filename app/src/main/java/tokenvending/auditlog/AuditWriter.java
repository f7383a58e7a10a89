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
 * Writes audit events as lines of JSON, from a bounded queue and on one thread, several lines in
 * one write. A caller waits a bounded time for its line; what the target does to the writer's
 * thread does not reach any other thread.
 *
 * <p>A line that could not be written, or not in time, is followed by one for the same request that
 * says so, as soon as the target takes lines again: an event whose caller got {@code false} never
 * stands in the log without it. While the target fails, no caller waits; the writer tries again
 * several times a second. What does not fit into the queue meanwhile is counted, and the count
 * written. Thread-safe.
 */
public final class AuditWriter implements AuditSink, AutoCloseable {
  /** How long a caller waits for its line, and how long a write may take before it is an outage. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  /** Lines that wait to be written; each is about half a KiB. */
  static final int CAPACITY = 4096;

  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(2);

  /** How often a target that failed is tried in the time that a caller waits. */
  private static final int TRIES = 10;

  /** Lines in one write. */
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
   * @param longestWait how long a caller waits for its line, and how long a write may take before
   *     it counts as an outage
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
   * Writes to standard output, which it does not close.
   *
   * @param stdout reports its failures, as a {@link java.io.PrintStream} does not
   * @param instance the name of this process in every line
   * @param nanoTime a monotonic clock, such as {@link System#nanoTime}
   */
  public static AuditWriter toStream(
      OutputStream stdout, Optional<String> instance, LongSupplier nanoTime) {
    return new AuditWriter(
        new StreamTarget(stdout), new JsonLines(instance), nanoTime, LONGEST_WAIT);
  }

  /**
   * Writes the event, and waits for that; at most 2 s, and not at all while the target is known to
   * fail.
   */
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

  /** Waits for room in the queue where a burst has filled it. */
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
      // No virtual thread: a write that blocks would hold a carrier of those.
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

  /** These lines and as many of the queue as fit one write; waits for one until the end. */
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
   * Writes what is queued, for at most 2 s, and ends; later events are not recorded. Where the
   * target hangs, its thread is left behind until the target answers.
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

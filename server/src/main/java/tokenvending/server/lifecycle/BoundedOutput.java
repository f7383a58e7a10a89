package tokenvending.server.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An output stream whose callers wait only a limited time, even if the stream behind it blocks. One
 * thread makes all writes. While a write hangs, later ones are dropped and counted. Thread-safe.
 */
final class BoundedOutput extends OutputStream {
  private final OutputStream behind;
  private final Duration longestWait;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("stderr").factory());
  private final AtomicLong dropped = new AtomicLong();
  private volatile Future<?> hanging = CompletableFuture.completedFuture(true);

  BoundedOutput(OutputStream behind, Duration longestWait) {
    this.behind = behind;
    this.longestWait = longestWait;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    if (!hanging.isDone()) {
      dropped.incrementAndGet();
      return;
    }
    byte[] copy = Arrays.copyOfRange(bytes, from, from + length);
    Future<?> written = writer.submit(() -> pass(copy));
    try {
      written.get(longestWait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      hanging = written;
    } catch (InterruptedException e) {
      // The other thread writes it.
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private boolean pass(byte[] bytes) throws IOException {
    long missing = dropped.getAndSet(0);
    if (missing > 0) {
      behind.write(
          (missing + " log lines were dropped, because standard error was not read\n")
              .getBytes(UTF_8));
    }
    behind.write(bytes);
    behind.flush();
    return true;
  }
}

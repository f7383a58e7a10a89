package tokenvending.momento.socket;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import tokenvending.momento.wire._GenerateDisposableTokenRequest;

/**
 * A call that leaves nothing behind but loaded classes: it has no key, and both ends of its
 * connection are in memory. For a process of which a snapshot is taken.
 */
public final class Rehearsal {
  /** An empty frame of settings. */
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  /** Headers that end the first stream: status 200, and {@code grpc-status} 5. */
  private static final byte[] ANSWER = answer();

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private Rehearsal() {}

  /**
   * Makes it.
   *
   * @param nanoTime a clock that never steps
   */
  public static void run(LongSupplier nanoTime) {
    CountDownLatch settled = new CountDownLatch(1);
    try (PipedOutputStream answers = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(answers)) {
      Http2 http =
          new Http2(in, new Answering(answers, settled), open -> settled.countDown(), nanoTime);
      // It ends with the pipe.
      Thread.ofPlatform().daemon().name("rehearsal").start(http::read);
      http.begin();
      if (settled.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        Hpack.write(":method", "POST", headers);
        byte[] message =
            _GenerateDisposableTokenRequest.newBuilder()
                .setExpires(_GenerateDisposableTokenRequest.Expires.newBuilder())
                .build()
                .toByteArray();
        long deadline = nanoTime.getAsLong() + PATIENCE.toNanos();
        var _ = http.call(headers.toByteArray(), message, deadline);
      }
    } catch (IOException e) {
      // Then the first call loads what it needs.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] answer() {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    Hpack.write(":status", "200", block);
    Hpack.write("grpc-status", "5", block);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(new byte[] {0, 0, (byte) block.size(), 1, 5, 0, 0, 0, 1});
    frame.writeBytes(block.toByteArray());
    return frame.toByteArray();
  }

  /** The other side: says its settings when it is written to, and its answer when it is asked. */
  private static final class Answering extends OutputStream {
    private final OutputStream answers;
    private final CountDownLatch settled;
    private boolean begun;

    Answering(OutputStream answers, CountDownLatch settled) {
      this.answers = answers;
      this.settled = settled;
    }

    @Override
    public void write(int octet) {}

    @Override
    public void write(byte[] octets, int from, int size) {}

    @Override
    public void flush() throws IOException {
      if (!begun) {
        begun = true;
        answers.write(SETTINGS);
      } else if (settled.getCount() == 0) {
        answers.write(ANSWER);
      }
      answers.flush();
    }
  }
}

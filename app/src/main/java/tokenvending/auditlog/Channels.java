package tokenvending.auditlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Writes whole buffers to channels. */
final class Channels {
  private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

  private Channels() {}

  /** Writes all bytes, also to a pipe that another process switched to non-blocking mode. */
  static void write(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}

package tokenvending.momento;

import com.google.protobuf.ByteString;
import java.time.Duration;

/**
 * A connection to one token service for gRPC calls. It connects when first used, detects a dead
 * connection within 15 s, and reconnects. Thread-safe.
 */
public interface TokenServiceConnection {
  /** The HTTP path of the only call. */
  String PATH = "/token.Token/GenerateDisposableToken";

  /**
   * The longest response, in bytes. A response has a key of at most 8 KiB, a host name and a time.
   */
  int LARGEST_ANSWER = 64 * 1024;

  /** The longest headers and trailers, in bytes. */
  int LARGEST_HEADERS = 16 * 1024;

  /**
   * Sends a message and waits for its response, at most for {@code timeout}; never sends it twice.
   * If the thread is interrupted, returns {@code CANCELLED} and keeps the interrupt.
   */
  GrpcReply call(ByteString message, Duration timeout);

  /**
   * Returns the value of {@code grpc-timeout} (gRPC, PROTOCOL-HTTP2.md). It is rounded up, because
   * a service that gave up before its caller would look like a failure.
   */
  static String grpcTimeout(Duration timeout) {
    return timeout.plusNanos(999_999).toMillis() + "m";
  }

  /** Connects, and waits until that succeeded or failed, at most for the timeout. */
  void awaitConnected(Duration timeout);

  /** Lets calls in progress finish; new ones fail with {@code UNAVAILABLE}. */
  void retire();

  /** Waits briefly for calls in progress, then ends them. */
  void close();
}

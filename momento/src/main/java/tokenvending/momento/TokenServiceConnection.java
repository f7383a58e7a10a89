package tokenvending.momento;

import com.google.protobuf.ByteString;
import java.time.Duration;

/**
 * A connection to one token service for gRPC calls. It connects when first used, notices within 15
 * s that it is dead, and connects again. Thread-safe.
 */
public interface TokenServiceConnection {
  /** The one call there is, as HTTP sees it. */
  String PATH = "/token.Token/GenerateDisposableToken";

  /** An answer is a key of at most 8 KiB, a host name and a time; what is longer is unreadable. */
  int LARGEST_ANSWER = 64 * 1024;

  /** Headers and trailers beyond this are not read. */
  int LARGEST_HEADERS = 16 * 1024;

  /**
   * Sends a message and waits for its answer, at most for {@code timeout}; nothing is sent twice.
   * An interrupted thread gets {@code CANCELLED} and stays interrupted.
   */
  GrpcReply call(ByteString message, Duration timeout);

  /**
   * The service's own deadline for a call, as its field {@code grpc-timeout} says it (gRPC,
   * PROTOCOL-HTTP2.md). Rounded up: a service that gave up before its caller would have to be
   * called again, or be taken for broken.
   */
  static String grpcTimeout(Duration timeout) {
    return timeout.plusNanos(999_999).toMillis() + "m";
  }

  /** Connects, and waits until that succeeded or failed, at most so long. */
  void awaitConnected(Duration timeout);

  /** Calls that are under way may finish; new ones fail with {@code UNAVAILABLE}. */
  void retire();

  /** Waits a moment for calls under way, then ends them. */
  void close();
}

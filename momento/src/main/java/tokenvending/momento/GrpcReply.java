package tokenvending.momento;

import com.google.protobuf.ByteString;
import io.netty.handler.codec.http2.Http2Error;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The result of one gRPC call over HTTP/2 (gRPC, PROTOCOL-HTTP2.md). A message is preceded by one
 * byte for its compression and four bytes for its length. The status is in the trailers, or in the
 * headers if there is no message.
 */
public sealed interface GrpcReply {
  /** The number of bytes in front of every message. */
  int PREFIX = 5;

  /** The call succeeded. */
  record Message(ByteString bytes) implements GrpcReply {}

  /**
   * The call failed with a status of the service or, as in other gRPC clients, of this side: {@code
   * UNAVAILABLE} if the service cannot be reached, {@code DEADLINE_EXCEEDED} if it is too slow,
   * {@code CANCELLED} if the calling thread was interrupted.
   *
   * @param status not {@code OK}
   * @param cause the cause for the log
   */
  record Failure(GrpcStatus status, FailureCause cause) implements GrpcReply {}

  /** A failure with the service's own status. */
  static Failure reported(GrpcStatus status) {
    return new Failure(status, new FailureCause.Reported(status));
  }

  /** The connection failed or ended. */
  static Failure unavailable(FailureCause cause) {
    return new Failure(GrpcStatus.UNAVAILABLE, cause);
  }

  /** The response is not a valid gRPC response. */
  static Failure unreadable(FailureCause cause) {
    return new Failure(GrpcStatus.UNREADABLE, cause);
  }

  /**
   * Returns the reply of a completed stream.
   *
   * @param grpcStatus the field of that name, if present
   * @param contentType the field of that name, if present
   * @param body one uncompressed message, because no compression is offered
   */
  static GrpcReply of(
      int httpStatus, @Nullable String grpcStatus, @Nullable String contentType, byte[] body) {
    if (grpcStatus == null) {
      return withoutStatus(httpStatus, contentType);
    }
    GrpcStatus status = GrpcStatus.sent(grpcStatus);
    return status == GrpcStatus.OK ? message(ByteBuffer.wrap(body)) : reported(status);
  }

  /**
   * Maps a response without a gRPC status. Its HTTP status can be from a proxy or firewall, so it
   * does not show that the API key is invalid.
   */
  private static GrpcReply withoutStatus(int httpStatus, @Nullable String contentType) {
    String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
    FailureCause cause = new FailureCause.HttpAnswer(httpStatus, type.contains("html"));
    GrpcStatus status = GrpcStatus.ofHttp(httpStatus);
    boolean aboutTheKey =
        status == GrpcStatus.UNAUTHENTICATED || status == GrpcStatus.PERMISSION_DENIED;
    boolean foreign = !type.isEmpty() && !type.startsWith("application/grpc");
    return httpStatus == 200 || (aboutTheKey && foreign)
        ? unreadable(cause)
        : new Failure(status, cause);
  }

  /**
   * Returns the reply of a stream that the service reset, by the errors of RFC 9113 §7. A refused
   * stream had no effect (§8.7), so the call can be repeated; {@code ENHANCE_YOUR_CALM} is a limit
   * (gRPC, PROTOCOL-HTTP2.md). After any other reset it is unknown whether the call had an effect.
   */
  static GrpcReply reset(long error) {
    GrpcStatus status =
        error == Http2Error.REFUSED_STREAM.code()
            ? GrpcStatus.UNAVAILABLE
            : error == Http2Error.ENHANCE_YOUR_CALM.code()
                ? GrpcStatus.RESOURCE_EXHAUSTED
                : GrpcStatus.RESET;
    return new Failure(status, new FailureCause.StreamReset(error));
  }

  private static GrpcReply message(ByteBuffer body) {
    return body.remaining() >= PREFIX && body.get() == 0 && body.getInt() == body.remaining()
        ? new Message(ByteString.copyFrom(body))
        : unreadable(FailureCause.Network.NOT_GRPC);
  }
}

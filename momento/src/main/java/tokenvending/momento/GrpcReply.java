package tokenvending.momento;

import com.google.protobuf.ByteString;
import io.netty.handler.codec.http2.Http2Error;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How one gRPC call ended, read from HTTP/2 (gRPC, PROTOCOL-HTTP2.md). A message is a byte that
 * says whether it is compressed, four for its length, and itself. The status comes in the trailers,
 * or among the headers where there is no message.
 */
public sealed interface GrpcReply {
  /** In front of every message. */
  int PREFIX = 5;

  /** The service ended the call well. */
  record Message(ByteString bytes) implements GrpcReply {}

  /**
   * No message, for the reason that the service gave, or that our side gives as gRPC's clients do:
   * {@code UNAVAILABLE} where it cannot be reached, {@code DEADLINE_EXCEEDED} where it is too slow,
   * {@code CANCELLED} where the calling thread was interrupted.
   *
   * @param status anything but {@code OK}
   * @param cause what is behind it, for the log
   */
  record Failure(GrpcStatus status, FailureCause cause) implements GrpcReply {}

  /** The service's own status. */
  static Failure reported(GrpcStatus status) {
    return new Failure(status, new FailureCause.Reported(status));
  }

  /** No call could be made, or its connection ended. */
  static Failure unavailable(FailureCause cause) {
    return new Failure(GrpcStatus.UNAVAILABLE, cause);
  }

  /** What came back is no gRPC response. */
  static Failure unreadable(FailureCause cause) {
    return new Failure(GrpcStatus.UNREADABLE, cause);
  }

  /**
   * The reply of a stream that ended well.
   *
   * @param grpcStatus the field of that name, if there was one
   * @param contentType the field of that name, if there was one
   * @param body of one message, and not compressed, since we accept no other
   */
  static GrpcReply of(
      int httpStatus, @Nullable String grpcStatus, @Nullable String contentType, byte[] body) {
    if (grpcStatus == null) {
      return withoutStatus(httpStatus, contentType);
    }
    GrpcStatus status = GrpcStatus.sent(grpcStatus);
    return status == GrpcStatus.OK ? message(ByteBuffer.wrap(body)) : reported(status);
  }

  /** An HTTP status says nothing of the API key where a proxy or a firewall wrote the response. */
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
   * The reply of a stream that the service reset, by the errors of RFC 9113 §7. A refused stream
   * has done nothing (§8.7), so the call may be made again; {@code ENHANCE_YOUR_CALM} is a limit
   * (gRPC, PROTOCOL-HTTP2.md). After any other reset, a known or an unknown one, it is open whether
   * the service did what was requested.
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
        : unreadable(FailureCause.Network.NOT_A_GRPC_ANSWER);
  }
}

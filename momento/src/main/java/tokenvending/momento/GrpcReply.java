package tokenvending.momento;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tokenvending.momento.TokenServiceReply.Answer;
import tokenvending.momento.TokenServiceReply.BrokenOff;
import tokenvending.momento.TokenServiceReply.Failed;
import tokenvending.momento.TokenServiceReply.Unreadable;

/**
 * The form of gRPC's messages over HTTP/2 (gRPC, PROTOCOL-HTTP2.md): a byte that says whether it is
 * compressed, four for its length, and itself. The status comes in the trailers, or among the
 * headers where there is no message.
 */
public final class GrpcReply {
  /** In front of every message. */
  public static final int PREFIX = 5;

  private GrpcReply() {}

  /**
   * The reply of a stream that ended well.
   *
   * @param grpcStatus the field of that name, if there was one
   * @param contentType the field of that name, if there was one
   * @param body of one message, and not compressed, where we offered to take no other
   */
  public static TokenServiceReply of(
      int httpStatus, @Nullable String grpcStatus, @Nullable String contentType, byte[] body) {
    if (grpcStatus == null) {
      return withoutStatus(httpStatus, contentType);
    }
    GrpcStatus status = GrpcStatus.sent(grpcStatus);
    return status == GrpcStatus.OK ? message(ByteBuffer.wrap(body)) : Failed.reported(status);
  }

  /** An HTTP status says nothing of the API key where a proxy or a firewall wrote the answer. */
  private static TokenServiceReply withoutStatus(int httpStatus, @Nullable String contentType) {
    String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
    FailureCause cause = new FailureCause.HttpAnswer(httpStatus, type.contains("html"));
    GrpcStatus status = GrpcStatus.ofHttp(httpStatus);
    boolean aboutTheKey =
        status == GrpcStatus.UNAUTHENTICATED || status == GrpcStatus.PERMISSION_DENIED;
    boolean foreign = !type.isEmpty() && !type.startsWith("application/grpc");
    return httpStatus == 200 || (aboutTheKey && foreign)
        ? new Unreadable(cause)
        : new Failed(status, cause);
  }

  /**
   * The reply of a stream that the service reset, by the errors of RFC 9113 §7. A refused stream
   * has done nothing (§8.7), so the call may be made again; {@code ENHANCE_YOUR_CALM} is a limit
   * (gRPC, PROTOCOL-HTTP2.md). After any other reset, a known or an unknown one, it is open whether
   * the service did what was requested.
   */
  public static TokenServiceReply reset(long error) {
    FailureCause cause = new FailureCause.StreamReset(error);
    if (error == Http2Error.REFUSED_STREAM.code()) {
      return Failed.unavailable(cause);
    }
    return error == Http2Error.ENHANCE_YOUR_CALM.code()
        ? new Failed(GrpcStatus.RESOURCE_EXHAUSTED, cause)
        : new BrokenOff(cause);
  }

  private static TokenServiceReply message(ByteBuffer body) {
    return body.remaining() >= PREFIX && body.get() == 0 && body.getInt() == body.remaining()
        ? new Answer(ByteString.copyFrom(body))
        : new Unreadable(FailureCause.Network.NOT_A_GRPC_ANSWER);
  }
}

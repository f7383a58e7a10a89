package tokenvending.momento;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
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

  private static final int REFUSED_STREAM = 0x7;
  private static final int ENHANCE_YOUR_CALM = 0xb;

  private GrpcReply() {}

  /**
   * What a stream that ended well has said.
   *
   * @param grpcStatus the field of that name, if there was one
   * @param body of one message, and not compressed, where we offered to take no other
   */
  public static TokenServiceReply of(int httpStatus, @Nullable String grpcStatus, byte[] body) {
    if (grpcStatus == null) {
      return httpStatus == 200 ? new Unreadable() : new Failed(GrpcStatus.ofHttp(httpStatus));
    }
    GrpcStatus status = GrpcStatus.sent(grpcStatus);
    return status == GrpcStatus.OK ? message(ByteBuffer.wrap(body)) : new Failed(status);
  }

  /**
   * What a stream says that the service reset (gRPC, PROTOCOL-HTTP2.md, by the errors of RFC 9113
   * §7): a refused one has done nothing (§8.7); others were broken off.
   */
  public static TokenServiceReply reset(long error) {
    return switch ((int) error) {
      case REFUSED_STREAM -> new Failed(GrpcStatus.UNAVAILABLE);
      case ENHANCE_YOUR_CALM -> new Failed(GrpcStatus.RESOURCE_EXHAUSTED);
      default -> new BrokenOff();
    };
  }

  private static TokenServiceReply message(ByteBuffer body) {
    return body.remaining() >= PREFIX && body.get() == 0 && body.getInt() == body.remaining()
        ? new Answer(ByteString.copyFrom(body))
        : new Unreadable();
  }
}

package tokenvending.momento.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tokenvending.momento.FailureCause;
import tokenvending.momento.GrpcReply;
import tokenvending.momento.TokenServiceConnection;

/** Reads the response to one gRPC call from its HTTP/2 stream. */
final class Exchange extends ChannelInboundHandlerAdapter {
  private static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");

  private final CompletableFuture<GrpcReply> reply;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private int httpStatus;
  private @Nullable CharSequence grpcStatus;
  private @Nullable CharSequence contentType;

  /**
   * Creates a reader.
   *
   * @param reply is completed with the response
   */
  Exchange(CompletableFuture<GrpcReply> reply) {
    this.reply = reply;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object frame) throws IOException {
    try {
      switch (frame) {
        case Http2HeadersFrame headers -> read(headers.headers(), headers.isEndStream());
        case Http2DataFrame data -> read(context, data);
        default -> {}
      }
    } finally {
      ReferenceCountUtil.release(frame);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof Http2ResetFrame reset) {
      reply.complete(GrpcReply.reset(reset.errorCode()));
    }
  }

  private void read(Http2Headers headers, boolean last) {
    CharSequence status = headers.status();
    // An informational response (1xx) is followed by others.
    if (status != null && status.charAt(0) != '1') {
      httpStatus = Integer.parseInt(status.toString());
    }
    CharSequence type = headers.get(HttpHeaderNames.CONTENT_TYPE);
    if (type != null) {
      contentType = type;
    }
    CharSequence sent = headers.get(GRPC_STATUS);
    if (sent != null) {
      grpcStatus = sent;
    }
    if (last) {
      reply.complete(whole());
    }
  }

  private void read(ChannelHandlerContext context, Http2DataFrame data) throws IOException {
    ByteBuf bytes = data.content();
    if (received.size() + bytes.readableBytes()
        > GrpcReply.PREFIX + TokenServiceConnection.LARGEST_ANSWER) {
      reply.complete(GrpcReply.unreadable(FailureCause.Network.RESPONSE_TOO_LONG));
      var _ = context.close();
      return;
    }
    bytes.readBytes(received, bytes.readableBytes());
    if (data.isEndStream()) {
      reply.complete(whole());
    }
  }

  private GrpcReply whole() {
    return GrpcReply.of(httpStatus, text(grpcStatus), text(contentType), received.toByteArray());
  }

  private static @Nullable String text(@Nullable CharSequence field) {
    return field == null ? null : field.toString();
  }

  /** The connection ended. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    reply.complete(GrpcReply.unavailable(Health.causeOfEnd(context.channel().parent())));
  }

  /** Handles invalid HTTP/2. The exception's text can quote received data and is not passed on. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    FailureCause cause = NettyFailure.cause(failure);
    reply.complete(
        cause == FailureCause.Network.NOT_HTTP2
            ? GrpcReply.unreadable(cause)
            : GrpcReply.unavailable(cause));
    var _ = context.close();
  }
}

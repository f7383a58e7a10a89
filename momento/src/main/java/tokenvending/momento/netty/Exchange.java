package tokenvending.momento.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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
import tokenvending.momento.GrpcReply;
import tokenvending.momento.GrpcStatus;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceReply;
import tokenvending.momento.TokenServiceReply.Failed;
import tokenvending.momento.TokenServiceReply.Unreadable;

/** Reads the answer to one gRPC call from its HTTP/2 stream. */
final class Exchange extends ChannelInboundHandlerAdapter {
  private static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");

  private final CompletableFuture<TokenServiceReply> reply;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private int httpStatus;
  private @Nullable CharSequence grpcStatus;

  /**
   * An answer to be read.
   *
   * @param reply is completed with it
   */
  Exchange(CompletableFuture<TokenServiceReply> reply) {
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
    // 1xx: others follow.
    if (status != null && status.charAt(0) != '1') {
      httpStatus = Integer.parseInt(status.toString());
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
      reply.complete(new Unreadable());
      var _ = context.close();
      return;
    }
    bytes.readBytes(received, bytes.readableBytes());
    if (data.isEndStream()) {
      reply.complete(whole());
    }
  }

  private TokenServiceReply whole() {
    return GrpcReply.of(
        httpStatus, grpcStatus == null ? null : grpcStatus.toString(), received.toByteArray());
  }

  /** The connection is gone. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    reply.complete(new Failed(GrpcStatus.UNAVAILABLE));
  }

  /** What cannot be read as HTTP/2; its text may quote what was read, and goes nowhere. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    reply.complete(new Unreadable());
    var _ = context.close();
  }
}

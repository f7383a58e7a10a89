package tokenvending.momento.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import tokenvending.momento.FailureCause;

/**
 * Tracks whether a connection accepts calls: from the service's settings (RFC 9113 §3.4) until its
 * GOAWAY (§6.8) or the end of the connection. An idle connection is pinged, and closed if there is
 * no response.
 */
final class Health extends ChannelInboundHandlerAdapter {
  private static final AttributeKey<FailureCause> CAUSE = AttributeKey.valueOf(Health.class, "end");

  private final CompletableFuture<Channel> connected;
  private final Runnable over;

  /**
   * Watches a connection.
   *
   * @param connected is completed when calls can be made, or never will be
   * @param over is called when no more calls can be made
   */
  Health(CompletableFuture<Channel> connected, Runnable over) {
    this.connected = connected;
    this.over = over;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object frame) {
    switch (frame) {
      case Http2SettingsFrame settings -> connected.complete(context.channel());
      case Http2GoAwayFrame away -> {
        if (away.errorCode() != Http2Error.NO_ERROR.code()) {
          endsBy(context, new FailureCause.GoAway(away.errorCode()));
        }
        over.run();
      }
      default -> {}
    }
    ReferenceCountUtil.release(frame);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent idle) {
      if (idle.isFirst()) {
        var _ = context.writeAndFlush(new DefaultHttp2PingFrame(0));
      } else {
        endsBy(context, FailureCause.Network.KEEPALIVE_TIMEOUT);
        var _ = context.close();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    over.run();
    connected.completeExceptionally(new Ended(causeOfEnd(context.channel())));
  }

  /** The exception's text can quote received data and is not passed on. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    endsBy(context, NettyFailure.cause(failure));
    var _ = context.close();
  }

  /** Records the first cause; later events are its consequences. */
  private static void endsBy(ChannelHandlerContext context, FailureCause cause) {
    context.channel().attr(CAUSE).compareAndSet(null, cause);
  }

  /** Returns why a connection ended. */
  static FailureCause causeOfEnd(Channel connection) {
    FailureCause cause = connection.attr(CAUSE).get();
    return cause == null ? FailureCause.Network.CONNECTION_CLOSED : cause;
  }

  /** The connection ended before it accepted calls. */
  static final class Ended extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient FailureCause why;

    Ended(FailureCause why) {
      super(why.text());
      this.why = why;
    }

    FailureCause why() {
      return why;
    }
  }
}

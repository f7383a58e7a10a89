package tokenvending.momento.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * Knows whether a connection can take calls: from the service's settings on (RFC 9113 §3.4) until
 * it says that it goes away (§6.8) or ends. A quiet one is pinged, and closed where even that stays
 * without an answer.
 */
final class Health extends ChannelInboundHandlerAdapter {
  private final CompletableFuture<Channel> connected;
  private final Runnable over;

  /**
   * Watches a connection.
   *
   * @param connected is completed when calls can be made, or never will be
   * @param over is told when no more calls may be made on it
   */
  Health(CompletableFuture<Channel> connected, Runnable over) {
    this.connected = connected;
    this.over = over;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object frame) {
    switch (frame) {
      case Http2SettingsFrame settings -> connected.complete(context.channel());
      case Http2GoAwayFrame away -> over.run();
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
        var _ = context.close();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    over.run();
    connected.completeExceptionally(new IOException("the connection ended"));
  }

  /** Its text may quote what was read, and goes nowhere. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close();
  }
}

package tokenvending.server.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import java.util.List;
import tokenvending.limits.Rate;
import tokenvending.limits.RateLimiter;

/**
 * Closes an HTTP/2 connection whose client makes the server reset streams again and again with
 * invalid frames. Armeria counts only resets that a client sends.
 */
final class ProvokedResets extends ChannelInboundHandlerAdapter {
  /** The rate that Armeria allows for resets by a client. */
  private static final Rate MOST = new Rate(400, Duration.ofMinutes(1));

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    super.channelRead(context, message);
    // The handler is added with the preface, or after an upgrade.
    Http2ConnectionHandler http2 = context.pipeline().get(Http2ConnectionHandler.class);
    if (http2 != null && !context.isRemoved()) {
      http2.connection().addListener(new Listener(context));
      context.pipeline().remove(this);
    }
  }

  private static final class Listener extends Http2ConnectionAdapter {
    private final ChannelHandlerContext context;
    private final RateLimiter<Boolean> resets;

    Listener(ChannelHandlerContext context) {
      this.context = context;
      this.resets = new RateLimiter<>(MOST, 1, context.executor().ticker()::nanoTime);
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
      if (stream.isResetSent() && resets.acquire(List.of(true)).isPositive()) {
        // Closed from the handler next to the socket, so that nothing waits for the client to read
        // a last frame.
        var _ = context.channel().pipeline().firstContext().close();
      }
    }
  }
}

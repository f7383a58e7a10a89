package tokenvending.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads no more from a client while it does not take its answers, nor while {@link Http1Framing}
 * holds back its requests; when it is silent for too long Armeria closes its connection. Armeria
 * alone answers pings, settings and requests on and on, and begins whatever has been read, which
 * fills the heap for one client that never reads. Meanwhile it is not seen whether the client went.
 */
final class BackPressure extends ChannelDuplexHandler {
  /** Bytes, with Netty's own for each piece. Armeria has set Netty's own mark out of reach. */
  private static final long MOST = 64 * 1024;

  private @Nullable ChannelHandlerContext context;
  private boolean untaken;
  private boolean full;

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    super.channelRead(context, message);
    if (!untaken && waiting(context) > MOST) {
      untaken = true;
      update();
      resumeWhenTaken(context);
    }
  }

  /** Decoders ask for more on their own, where what came made nothing whole. */
  @Override
  public void read(ChannelHandlerContext context) throws Exception {
    if (!suspended()) {
      super.read(context);
    }
  }

  /** Whether as many requests as may be are under way. */
  void full(boolean full) {
    this.full = full;
    update();
  }

  private boolean suspended() {
    return untaken || full;
  }

  private void update() {
    if (context != null) {
      context.channel().config().setAutoRead(!suspended());
    }
  }

  private void resumeWhenTaken(ChannelHandlerContext context) {
    // Nothing, sent after everything else: it is sent when all of that has been taken.
    var _ =
        context
            .writeAndFlush(Unpooled.EMPTY_BUFFER)
            .addListener(
                taken -> {
                  untaken = false;
                  update();
                });
  }

  private static long waiting(ChannelHandlerContext context) {
    ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }
}

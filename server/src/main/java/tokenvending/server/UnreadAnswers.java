package tokenvending.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Reads no more from a client while it does not take its answers; when it is silent for too long
 * Armeria closes its connection. Armeria alone answers pings, settings and requests on and on,
 * which fills the heap for one client that never reads.
 */
final class UnreadAnswers extends ChannelDuplexHandler {
  /** Bytes, with Netty's own for each piece. Armeria has set Netty's own mark out of reach. */
  private static final long MOST = 64 * 1024;

  private boolean suspended;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    super.channelRead(context, message);
    if (!suspended && waiting(context) > MOST) {
      suspended = true;
      context.channel().config().setAutoRead(false);
      resumeWhenTaken(context);
    }
  }

  /** Decoders ask for more on their own, where what came made nothing whole. */
  @Override
  public void read(ChannelHandlerContext context) throws Exception {
    if (!suspended) {
      super.read(context);
    }
  }

  private void resumeWhenTaken(ChannelHandlerContext context) {
    // Nothing, sent after everything else: it is sent when all of that has been taken.
    var _ =
        context
            .writeAndFlush(Unpooled.EMPTY_BUFFER)
            .addListener(
                taken -> {
                  suspended = false;
                  context.channel().config().setAutoRead(true);
                });
  }

  private static long waiting(ChannelHandlerContext context) {
    ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }
}

package tokenvending.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Stops reading from a client that does not read its responses, or while {@link Http1Framing} holds
 * back its requests; after too long without traffic Armeria closes the connection. Armeria alone
 * keeps answering pings, settings and requests, which fills the heap if a client never reads. While
 * reading is stopped, a disconnect is not noticed.
 */
final class BackPressure extends ChannelDuplexHandler {
  /**
   * The most unsent bytes, including Netty's overhead for each buffer. Armeria disables Netty's own
   * limit.
   */
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

  /** Decoders request more data when they have only part of a message. */
  @Override
  public void read(ChannelHandlerContext context) throws Exception {
    if (!suspended()) {
      super.read(context);
    }
  }

  /** Sets whether the most requests are in progress. */
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
    // An empty write after all others completes when they have been sent.
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

package tokenvending.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Knows whose bytes this thread is reading. Armeria does not tell the error handler whose request
 * could not be read, but asks it while it reads, on the thread of the connection.
 */
final class Peers {
  private final ThreadLocal<InetAddress> reading =
      ThreadLocal.withInitial(InetAddress::getLoopbackAddress);

  /** Looks at what the named handler passes on. */
  void follow(ChannelPipeline pipeline, String handler) {
    pipeline.addAfter(
        handler,
        null,
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext context, Object message) {
            if (context.channel().remoteAddress() instanceof InetSocketAddress peer) {
              reading.set(peer.getAddress());
            }
            try {
              context.fireChannelRead(message);
            } finally {
              reading.remove();
            }
          }
        });
  }

  /** Whose bytes are being read; this machine's own address where none are. */
  InetAddress current() {
    return reading.get();
  }
}

package tokenvending.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tracks the connection whose bytes the current thread reads. Armeria does not pass the connection
 * of an unreadable request to the error handler, but calls it on the connection's thread.
 */
final class CurrentPeer {
  private final ThreadLocal<Optional<Channel>> reading = ThreadLocal.withInitial(Optional::empty);

  /** Tracks what the named handler passes on. */
  void follow(ChannelPipeline pipeline, String handler) {
    pipeline.addAfter(
        handler,
        null,
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext context, Object message) {
            reading.set(Optional.of(context.channel()));
            try {
              context.fireChannelRead(message);
            } finally {
              reading.remove();
            }
          }
        });
  }

  /** Returns the client whose bytes are being read; otherwise this machine's address. */
  InetAddress current() {
    return reading
        .get()
        .map(Channel::remoteAddress)
        .filter(InetSocketAddress.class::isInstance)
        .map(peer -> ((InetSocketAddress) peer).getAddress())
        .orElseGet(InetAddress::getLoopbackAddress);
  }

  /** Returns the known headers of the request that is being read, see {@link EarlyHeaders}. */
  Map<String, List<String>> headers() {
    return reading.get().map(EarlyHeaders::of).orElse(Map.of());
  }
}

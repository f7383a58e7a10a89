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
 * Tracks the connection whose bytes the current thread reads. Armeria does not tell the error
 * handler whose request could not be read, but asks it while it reads, on the thread of the
 * connection.
 */
final class CurrentPeer {
  private final ThreadLocal<Optional<Channel>> reading = ThreadLocal.withInitial(Optional::empty);

  /** Looks at what the named handler passes on. */
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

  /** Whose bytes are being read; this machine's own address where none are. */
  InetAddress current() {
    return reading
        .get()
        .map(Channel::remoteAddress)
        .filter(InetSocketAddress.class::isInstance)
        .map(peer -> ((InetSocketAddress) peer).getAddress())
        .orElseGet(InetAddress::getLoopbackAddress);
  }

  /** What is known of the headers of the request that is being read, see {@link EarlyHeaders}. */
  Map<String, List<String>> headers() {
    return reading.get().map(EarlyHeaders::of).orElse(Map.of());
  }
}

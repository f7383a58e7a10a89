package tokenvending.momentolocal;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of a server. Blocking closes them, and every new one, as when the network
 * fails. Thread-safe.
 */
final class Connections {

  private final Set<Channel> open = new HashSet<>();
  private boolean blocked;

  /** Adds a new connection. */
  void add(ChannelPipeline pipeline) {
    Channel connection = pipeline.channel();
    synchronized (this) {
      if (!blocked) {
        open.add(connection);
        connection.closeFuture().addListener(closed -> remove(connection));
        return;
      }
    }
    close(connection);
  }

  void block() {
    List<Channel> closing;
    synchronized (this) {
      blocked = true;
      closing = List.copyOf(open);
    }
    closing.forEach(Connections::close);
  }

  /** Closes at once: from the end of the pipeline, HTTP/2 would first finish its streams. */
  private static void close(Channel connection) {
    @Nullable ChannelHandlerContext first = connection.pipeline().firstContext();
    if (first == null) {
      var _ = connection.close();
    } else {
      var _ = first.close();
    }
  }

  synchronized void unblock() {
    blocked = false;
  }

  private synchronized void remove(Channel connection) {
    open.remove(connection);
  }
}

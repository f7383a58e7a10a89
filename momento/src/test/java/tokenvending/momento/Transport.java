package tokenvending.momento;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import javax.net.ssl.TrustManagerFactory;
import tokenvending.momento.netty.NettyConnector;
import tokenvending.momento.socket.SocketConnector;

/** Each way to a token service: whatever holds of one holds of the other. */
enum Transport {
  SOCKET,
  NETTY;

  TokenServiceConnector connector() {
    return switch (this) {
      case SOCKET -> new SocketConnector(System::nanoTime);
      case NETTY -> netty();
    };
  }

  TokenServiceConnector trusting(TrustManagerFactory trusted) {
    return switch (this) {
      case SOCKET -> new SocketConnector(System::nanoTime).trusting(trusted);
      case NETTY -> netty().trusting(trusted);
    };
  }

  private static NettyConnector netty() {
    return new NettyConnector(
        () ->
            new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("token-service", true), NioIoHandler.newFactory()),
        () -> NioSocketChannel.class);
  }
}

package tokenvending.momento;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import javax.net.ssl.TrustManagerFactory;
import tokenvending.momento.netty.NettyConnector;
import tokenvending.momento.okhttp.OkHttpConnector;

/** Each way to a token service: whatever holds of one holds of the other. */
enum Transport {
  OKHTTP,
  NETTY;

  TokenServiceConnector connector() {
    return switch (this) {
      case OKHTTP -> new OkHttpConnector();
      case NETTY -> netty();
    };
  }

  TokenServiceConnector trusting(TrustManagerFactory trusted) {
    return switch (this) {
      case OKHTTP -> OkHttpConnector.trusting(trusted);
      case NETTY -> netty().trusting(trusted);
    };
  }

  private static NettyConnector netty() {
    return new NettyConnector(Loops.ONE, NioSocketChannel.class);
  }

  /** A thread for all tests, which ends with the process. */
  private static final class Loops {
    static final EventLoopGroup ONE =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("loop", true), NioIoHandler.newFactory());
  }
}

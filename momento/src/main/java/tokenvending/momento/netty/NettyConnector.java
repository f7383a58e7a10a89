package tokenvending.momento.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.TrustManagerFactory;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceConnector;

/**
 * Opens HTTP/2 connections, each with its own event loop, so that load on the server's event loops
 * does not delay responses. Armeria's client would load Bouncy Castle at every start. All
 * connections share one TLS context, so the trust store is read once.
 */
public final class NettyConnector implements TokenServiceConnector {
  private static final boolean DAEMON = true;

  private final Supplier<EventLoopGroup> loops;
  private final Supplier<Class<? extends SocketChannel>> channels;
  private final ClientTls tls;

  private NettyConnector(
      Supplier<EventLoopGroup> loops,
      Supplier<Class<? extends SocketChannel>> channels,
      ClientTls tls) {
    this.loops = loops;
    this.channels = channels;
    this.tls = tls;
  }

  /**
   * Creates a connector that uses the JDK's trust store. The suppliers are called when a connection
   * is opened.
   *
   * @param loops creates an event loop, which its connection shuts down
   * @param channels the channel type of such loops
   */
  public NettyConnector(
      Supplier<EventLoopGroup> loops, Supplier<Class<? extends SocketChannel>> channels) {
    this(loops, channels, new ClientTls(Optional.empty()));
  }

  /** Creates a connector that uses NIO and the JDK's trust store. */
  public static NettyConnector nio() {
    return new NettyConnector(
        () ->
            new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("token-service", DAEMON), NioIoHandler.newFactory()),
        () -> NioSocketChannel.class);
  }

  /** Returns the same connector with other trusted certificates. */
  public NettyConnector trusting(TrustManagerFactory others) {
    return new NettyConnector(loops, channels, new ClientTls(Optional.of(others)));
  }

  /** Loads the trust store and the classes of a TLS handshake, without connecting. */
  public void prepare() {
    tls.prime();
  }

  @Override
  public TokenServiceConnection open(TokenServiceAddress address) {
    return new NettyConnection(address, loops.get(), channels.get(), tls);
  }
}

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
 * Opens HTTP/2 connections, each with an event loop of its own: what clients do to the loops that
 * requests arrive on must not keep an answer from those who wait for it. Armeria's client, which a
 * server has as well, would load Bouncy Castle at every start. All connections of a connector share
 * one TLS context, so that the trust store is read once.
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
   * Uses the JDK's trust store. Neither supplier is called before there is something to open.
   *
   * @param loops makes one loop, which the connection ends when it is closed
   * @param channels the kind that such loops serve
   */
  public NettyConnector(
      Supplier<EventLoopGroup> loops, Supplier<Class<? extends SocketChannel>> channels) {
    this(loops, channels, new ClientTls(Optional.empty()));
  }

  /** Connects over NIO, and uses the JDK's trust store. */
  public static NettyConnector nio() {
    return new NettyConnector(
        () ->
            new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("token-service", DAEMON), NioIoHandler.newFactory()),
        () -> NioSocketChannel.class);
  }

  /** The same, which trusts these only. */
  public NettyConnector trusting(TrustManagerFactory others) {
    return new NettyConnector(loops, channels, new ClientTls(Optional.of(others)));
  }

  /** Loads the trust store and what a TLS handshake needs, and connects nothing. */
  public void prepare() {
    tls.prime();
  }

  @Override
  public TokenServiceConnection open(TokenServiceAddress address) {
    return new NettyConnection(address, loops.get(), channels.get(), tls);
  }
}

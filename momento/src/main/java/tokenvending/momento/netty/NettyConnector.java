package tokenvending.momento.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.TrustManagerFactory;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceConnector;

/**
 * Opens HTTP/2 connections, each with an event loop of its own: what clients do to the loops that
 * requests arrive on must not keep an answer from those who wait for it. Armeria's client, which a
 * server has as well, would load Bouncy Castle at every start.
 */
public final class NettyConnector implements TokenServiceConnector {
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
   * Trusts whom the JDK trusts. Neither is asked before there is something to open.
   *
   * @param loops makes one loop, which the connection ends when it is closed
   * @param channels the kind that such loops serve
   */
  public NettyConnector(
      Supplier<EventLoopGroup> loops, Supplier<Class<? extends SocketChannel>> channels) {
    this(loops, channels, new ClientTls(Optional.empty()));
  }

  /** The same, trusting these only. */
  public NettyConnector trusting(TrustManagerFactory others) {
    return new NettyConnector(loops, channels, new ClientTls(Optional.of(others)));
  }

  /** Takes the time that the first connection over TLS would take. Connects nothing. */
  public void prepare() {
    tls.rehearse();
  }

  @Override
  public TokenServiceConnection open(TokenServiceAddress address) {
    return new NettyConnection(address, loops.get(), channels.get(), tls);
  }
}

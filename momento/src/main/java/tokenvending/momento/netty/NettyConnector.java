package tokenvending.momento.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import tokenvending.momento.TokenServiceAddress;
import tokenvending.momento.TokenServiceConnection;
import tokenvending.momento.TokenServiceConnector;

/**
 * Opens HTTP/2 connections on event loops of Netty that somebody else ends. Armeria's client, which
 * a server has as well, would load Bouncy Castle at every start and cost twice as much for a call.
 */
public final class NettyConnector implements TokenServiceConnector {
  private final EventLoopGroup loops;
  private final Class<? extends SocketChannel> channels;
  private final Optional<TrustManagerFactory> trusted;

  private NettyConnector(
      EventLoopGroup loops,
      Class<? extends SocketChannel> channels,
      Optional<TrustManagerFactory> trusted) {
    this.loops = loops;
    this.channels = channels;
    this.trusted = trusted;
  }

  /**
   * Trusts whom the JDK trusts.
   *
   * @param channels the kind that these loops serve
   */
  public NettyConnector(EventLoopGroup loops, Class<? extends SocketChannel> channels) {
    this(loops, channels, Optional.empty());
  }

  /** The same, trusting these only. */
  public NettyConnector trusting(TrustManagerFactory others) {
    return new NettyConnector(loops, channels, Optional.of(others));
  }

  @Override
  public TokenServiceConnection open(TokenServiceAddress address) {
    return new NettyConnection(address, loops, channels, trusted);
  }
}

package tokenvending.server.lifecycle;

import com.linecorp.armeria.common.Flags;
import com.linecorp.armeria.common.util.EventLoopGroups;
import tokenvending.configuration.MomentoSettings;
import tokenvending.momento.TokenServiceConnector;
import tokenvending.momento.netty.NettyConnector;

/** Creates connectors to Momento's token service. */
public final class TokenServiceConnectors {
  private static final boolean DAEMON = true;

  private TokenServiceConnectors() {}

  public static NettyConnector connector() {
    return new NettyConnector(
        () -> EventLoopGroups.newEventLoopGroup(1, "token-service", DAEMON),
        () -> Flags.transportType().socketChannelType());
  }

  /** Returns a connector that prepares TLS in the background, if these settings use TLS. */
  static TokenServiceConnector preparing(MomentoSettings settings) {
    NettyConnector connector = connector();
    boolean clearText =
        settings.tokenService().filter(uri -> "http".equals(uri.getScheme())).isPresent();
    if (!clearText) {
      Thread.ofVirtual().name("prepare TLS").start(connector::prepare);
    }
    return connector;
  }
}

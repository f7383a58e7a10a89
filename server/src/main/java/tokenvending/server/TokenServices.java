package tokenvending.server;

import com.linecorp.armeria.common.Flags;
import com.linecorp.armeria.common.util.EventLoopGroups;
import tokenvending.momento.TokenServiceConnector;
import tokenvending.momento.netty.NettyConnector;

/** The way to Momento's token service, over the kind of sockets that requests arrive on. */
final class TokenServices {
  private static final boolean DAEMON = true;

  private TokenServices() {}

  static TokenServiceConnector connector() {
    return new NettyConnector(
        () -> EventLoopGroups.newEventLoopGroup(1, "token-service", DAEMON),
        Flags.transportType().socketChannelType());
  }
}

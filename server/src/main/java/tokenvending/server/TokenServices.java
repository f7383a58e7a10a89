package tokenvending.server;

import com.linecorp.armeria.common.CommonPools;
import com.linecorp.armeria.common.util.TransportType;
import tokenvending.momento.TokenServiceConnector;
import tokenvending.momento.netty.NettyConnector;

/** The way to Momento's token service, on the event loops that requests arrive on. */
final class TokenServices {
  private TokenServices() {}

  static TokenServiceConnector connector() {
    return new NettyConnector(
        CommonPools.workerGroup(), TransportType.socketChannelType(CommonPools.workerGroup()));
  }
}

package tokenvending.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Network;

/**
 * Counts the open connections of each client address, IPv6 by {@link Network}, so that one client
 * cannot take all that the listener accepts. Trusted proxies are not counted. Thread-safe; it holds
 * an entry for each network that has a connection.
 */
final class ConnectionShares {
  private final Supplier<ClientRules> rules;
  private final Map<Network, Integer> open = new ConcurrentHashMap<>();
  private volatile boolean closed;

  ConnectionShares(Supplier<ClientRules> rules) {
    this.rules = rules;
  }

  /** Closes every new connection from now on. */
  void close() {
    closed = true;
  }

  /** Counts a new connection until it is closed; closes it where its client has too many. */
  void admit(Channel connection) {
    if (closed) {
      reset(connection);
      return;
    }
    // It is null where the client has gone already.
    if (!(connection.remoteAddress() instanceof InetSocketAddress peer)
        || rules.get().trustedProxy().test(peer.getAddress())) {
      return;
    }
    List<Network> networks = new ClientAddress(peer.getAddress()).networks();
    boolean within = true;
    for (Network network : networks) {
      int most = rules.get().connectionsPerAddress() * network.share();
      within &= open.merge(network, 1, Integer::sum) <= most;
    }
    var _ = connection.closeFuture().addListener(end -> networks.forEach(this::ended));
    if (!within) {
      reset(connection);
    }
  }

  /** Closes it without a trace of it in this machine (TIME-WAIT). */
  private static void reset(Channel connection) {
    connection.config().setOption(ChannelOption.SO_LINGER, 0);
    var _ = connection.close();
  }

  private void ended(Network network) {
    open.computeIfPresent(network, (key, count) -> count == 1 ? null : count - 1);
  }
}

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
 * Limits the open connections of each client address, IPv6 by {@link Network}, so that one client
 * cannot use up the listener's connections. Trusted proxies are exempt. Thread-safe; has an entry
 * for each network with a connection.
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

  /** Counts a new connection until it closes, or closes it if its client has too many. */
  void admit(Channel connection) {
    if (closed) {
      reset(connection);
      return;
    }
    // The address is null if the client has already disconnected.
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

  /** Resets the connection, which leaves no TIME-WAIT state on this machine. */
  private static void reset(Channel connection) {
    connection.config().setOption(ChannelOption.SO_LINGER, 0);
    var _ = connection.close();
  }

  private void ended(Network network) {
    open.computeIfPresent(network, (key, count) -> count == 1 ? null : count - 1);
  }
}

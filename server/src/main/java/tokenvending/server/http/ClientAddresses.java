package tokenvending.server.http;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tokenvending.identity.ClientAddress;

/**
 * Finds the client's address. {@code X-Forwarded-For} and {@code Forwarded} (RFC 7239) are trusted
 * only as far as trusted proxies wrote them: from the right, the first address that is not a
 * trusted proxy is the client's. Anything further left was written by the client.
 *
 * <p>If both headers are present they must agree hop by hop, because a proxy writes one of them and
 * can forward the other as the client sent it. If they differ, or a hop is not an address, the last
 * address before it is used: that of a trusted proxy.
 */
final class ClientAddresses {
  private final Predicate<InetAddress> trustedProxy;

  ClientAddresses(Predicate<InetAddress> trustedProxy) {
    this.trustedProxy = trustedProxy;
  }

  /**
   * Returns the client's address.
   *
   * @param peer the other end of the connection
   * @param xForwardedFor the values of {@code X-Forwarded-For}, in order
   * @param forwarded the values of {@code Forwarded}, in order
   */
  ClientAddress of(InetAddress peer, List<String> xForwardedFor, List<String> forwarded) {
    ClientAddress client = new ClientAddress(peer);
    if (!trustedProxy.test(client.address())) {
      return client;
    }
    List<List<ForwardedHop>> chains = new ArrayList<>();
    chains.add(ForwardedHop.ofXForwardedFor(xForwardedFor));
    chains.add(ForwardedHop.ofForwarded(forwarded));
    for (int fromTheRight = 1; trustedProxy.test(client.address()); fromTheRight++) {
      Optional<ClientAddress> next = agreed(chains, fromTheRight);
      if (next.isEmpty()) {
        return client;
      }
      client = next.get();
    }
    return client;
  }

  /** Returns the address of one hop, if all chains that are long enough agree. */
  private static Optional<ClientAddress> agreed(List<List<ForwardedHop>> chains, int fromTheRight) {
    List<ForwardedHop> named =
        chains.stream()
            .filter(chain -> chain.size() >= fromTheRight)
            .map(chain -> chain.get(chain.size() - fromTheRight))
            .distinct()
            .toList();
    return named.size() == 1 ? named.getFirst().address() : Optional.empty();
  }
}

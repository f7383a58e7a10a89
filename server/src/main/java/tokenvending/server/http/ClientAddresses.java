package tokenvending.server.http;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tokenvending.identity.ClientAddress;

/**
 * Finds the client's address. {@code X-Forwarded-For} and {@code Forwarded} (RFC 7239) are trusted
 * only as far as trusted proxies wrote them: read from the right end, the first address that is no
 * trusted proxy is the client's. What stands left of it is the client's own word.
 *
 * <p>Where both headers are present they must agree, hop by hop, since a proxy writes one of them
 * and may pass on the other as the client sent it. Where they differ, or a hop is not an address,
 * the last address before it counts: that of a trusted proxy.
 */
final class ClientAddresses {
  private final Predicate<InetAddress> trustedProxy;

  ClientAddresses(Predicate<InetAddress> trustedProxy) {
    this.trustedProxy = trustedProxy;
  }

  /**
   * The client's address.
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

  /** The address at one hop, where every chain that is long enough has the same. */
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

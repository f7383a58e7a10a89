package tokenvending.server.http;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import tokenvending.configuration.Configuration;

/**
 * The settings for clients before their requests are parsed. A reload applies to new connections
 * and requests.
 *
 * @param allowedHosts the hosts that requests can name besides those of the listener
 * @param trustedProxy whether {@code X-Forwarded-For} of an address is trusted; such a proxy is
 *     exempt from the connection limit
 * @param connectionsPerAddress the most concurrent connections of one client address
 */
public record ClientRules(
    List<String> allowedHosts, Predicate<InetAddress> trustedProxy, int connectionsPerAddress) {

  public static ClientRules of(Configuration configuration) {
    return new ClientRules(
        configuration.server().allowedHosts(),
        address ->
            configuration.limits().trustedProxies().stream()
                .anyMatch(range -> range.contains(address)),
        configuration.limits().connectionsPerAddress());
  }
}

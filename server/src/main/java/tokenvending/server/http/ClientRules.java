package tokenvending.server.http;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import tokenvending.configuration.Configuration;

/**
 * The settings that apply to clients before their requests are parsed. It is in force from the next
 * connection or request on when the file changes.
 *
 * @param allowedHosts the hosts that requests may name besides those of the listener itself
 * @param trustedProxy whose {@code X-Forwarded-For} is trusted, and who needs more connections than
 *     one client
 * @param connectionsPerAddress how many connections one client address may have at a time
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

package tokenvending.configuration;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code server}.
 *
 * @param port 0 selects a free one
 * @param tls plain HTTP if absent
 * @param management the address for health and metrics; not served if absent
 * @param allowedHosts hosts that requests can name besides loopback and {@code host}, without port
 * @param demoPages whether chat and playground are served; absent if the file does not set it
 * @param tokenExchange the address of the server as clients of its token exchange see it; not
 *     served if absent
 */
public record ServerSettings(
    String host,
    int port,
    List<String> allowedHosts,
    Optional<Tls> tls,
    Optional<Management> management,
    Optional<Boolean> demoPages,
    Optional<URI> tokenExchange) {
  static final String LOOPBACK = "127.0.0.1";

  static final ServerSettings DEFAULT =
      new ServerSettings(
          LOOPBACK,
          8080,
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  public ServerSettings {
    allowedHosts = List.copyOf(allowedHosts);
  }

  /**
   * Returns the keys with a changed value that take effect only after a restart: all except {@code
   * allowed-hosts}, {@code demo-pages} and {@code token-exchange}.
   */
  public List<String> needsRestart(ServerSettings changed) {
    List<String> keys = new ArrayList<>();
    if (!host.equals(changed.host)) {
      keys.add("server.host");
    }
    if (port != changed.port) {
      keys.add("server.port");
    }
    if (!tls.equals(changed.tls)) {
      keys.add("server.tls");
    }
    if (!management.equals(changed.management)) {
      keys.add("server.management-port");
    }
    return keys;
  }

  /** PEM files. */
  public record Tls(Path certificate, Path key) {}

  /** The management address. */
  public record Management(String host, int port) {}
}

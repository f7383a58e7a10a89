package tokenvending.configuration;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code server}.
 *
 * @param port 0 takes a free one
 * @param tls plain HTTP where absent
 * @param management where health and metrics are told; nowhere where absent
 * @param allowedHosts the hosts that requests may name besides loopback and {@code host}, without
 *     port
 * @param demoPages whether chat and playground are served; absent where the file says nothing
 */
public record ServerSettings(
    String host,
    int port,
    List<String> allowedHosts,
    Optional<Tls> tls,
    Optional<Management> management,
    Optional<Boolean> demoPages) {
  static final String LOOPBACK = "127.0.0.1";

  static final ServerSettings DEFAULT =
      new ServerSettings(
          LOOPBACK, 8080, List.of(), Optional.empty(), Optional.empty(), Optional.empty());

  public ServerSettings {
    allowedHosts = List.copyOf(allowedHosts);
  }

  /**
   * The keys whose value differs in the changed settings and takes effect after a restart only: all
   * but {@code allowed-hosts} and {@code demo-pages}.
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

  /** Another address to listen at. */
  public record Management(String host, int port) {}
}

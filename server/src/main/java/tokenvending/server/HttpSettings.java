package tokenvending.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where and how to listen.
 *
 * @param port 0 lets the system choose
 * @param connectionAge how long a connection may live; absent in local use, where streams must not
 *     be cut
 * @param limits what one client may take
 */
record HttpSettings(
    String host,
    int port,
    Optional<Tls> tls,
    TrustedProxies trustedProxy,
    Optional<Duration> connectionAge,
    Limits limits) {
  /**
   * How many and how long.
   *
   * @param header how long a request line with its headers may take to arrive
   * @param request how long a request may take, its body included
   * @param idle how long a connection may be silent
   */
  record Limits(int connections, Duration header, Duration request, Duration idle) {
    /** What the product runs with. */
    static final Limits USUAL =
        new Limits(2_000, Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(30));
  }

  /** PEM files. */
  record Tls(Path certificate, Path key) {}
}

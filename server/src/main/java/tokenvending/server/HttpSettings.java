package tokenvending.server;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where and how to listen.
 *
 * @param port 0 lets the system choose
 * @param connectionAge how long a connection may live; absent in local use, where streams must not
 *     be cut
 */
record HttpSettings(
    String host,
    int port,
    Optional<Tls> tls,
    Predicate<InetAddress> trustedProxy,
    Optional<Duration> connectionAge) {
  /** PEM files. */
  record Tls(Path certificate, Path key) {}
}

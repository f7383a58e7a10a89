package tokenvending.server.http;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The address, TLS files and limits of a listener.
 *
 * @param port 0 lets the system select one
 * @param connectionAge the longest life of a connection; absent in local use, where streams must
 *     not be interrupted
 * @param limits the limits of one client
 */
public record HttpSettings(
    String host, int port, Optional<Tls> tls, Optional<Duration> connectionAge, Limits limits) {
  /** Whether only this machine can connect, as far as is known without a name look-up. */
  public boolean isLoopback() {
    try {
      return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Returns the host as in a URL: an IPv6 address in brackets (RFC 3986 §3.2.2). */
  public static String urlHost(String host) {
    return host.indexOf(':') < 0 ? host : "[" + host + "]";
  }

  /**
   * Limits and timeouts.
   *
   * @param connections the most concurrent connections
   * @param header how long a request line with its headers can take to arrive
   * @param request how long a request can take, its body included
   * @param idle how long a connection can be without traffic
   */
  public record Limits(int connections, Duration header, Duration request, Duration idle) {
    /** The limits in production. */
    public static final Limits USUAL =
        new Limits(2_000, Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(30));
  }

  /** A certificate chain and its key, in PEM files. */
  public record Tls(Path certificate, Path key) {}
}

package tokenvending.server.http;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The address, TLS files and limits of a listener.
 *
 * @param port 0 lets the system choose
 * @param connectionAge how long a connection may live; absent in local use, where streams must not
 *     be cut
 * @param limits what one client may take
 */
public record HttpSettings(
    String host, int port, Optional<Tls> tls, Optional<Duration> connectionAge, Limits limits) {
  /** Whether only this machine can connect, as far as that is known without a lookup. */
  public boolean isLoopback() {
    try {
      return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** As it stands in a URL: an IPv6 address in brackets (RFC 3986 §3.2.2). */
  public static String urlHost(String host) {
    return host.indexOf(':') < 0 ? host : "[" + host + "]";
  }

  /**
   * How many and how long.
   *
   * @param header how long a request line with its headers may take to arrive
   * @param request how long a request may take, its body included
   * @param idle how long a connection may be silent
   */
  public record Limits(int connections, Duration header, Duration request, Duration idle) {
    /** What the product runs with. */
    public static final Limits USUAL =
        new Limits(2_000, Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(30));
  }

  /** PEM files. */
  public record Tls(Path certificate, Path key) {}
}

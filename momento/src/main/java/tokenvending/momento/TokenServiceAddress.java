package tokenvending.momento;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * The address of the token service. A clear-text address is only created for loopback, without a
 * name look-up, so clear text never leaves this machine.
 */
public final class TokenServiceAddress {
  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  private final String host;
  private final String authority;
  private final int port;
  private final boolean clearText;

  private TokenServiceAddress(String host, String authority, int port, boolean clearText) {
    this.host = host;
    this.authority = authority;
    this.port = port;
    this.clearText = clearText;
  }

  /** The result of parsing an address. */
  public sealed interface Parsed {
    record Good(TokenServiceAddress address) implements Parsed {}

    /**
     * The address is invalid.
     *
     * @param problem what is wrong and what was expected, without the text itself
     */
    record Bad(String problem) implements Parsed {}
  }

  /** Returns the address of this machine, over TLS. */
  public static TokenServiceAddress loopbackTls(int port) {
    return tls(new HostAndPort("127.0.0.1", port));
  }

  static TokenServiceAddress tls(HostAndPort at) {
    return new TokenServiceAddress(at.host(), at.host() + ":" + at.port(), at.port(), false);
  }

  /**
   * Parses {@code https://HOST[:PORT]}, or {@code http://} followed by a loopback address, {@code
   * localhost} or a name under {@code .localhost} (RFC 6761 §6.3). The latter always resolves to
   * 127.0.0.1.
   */
  public static Parsed parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      return notAnAddress();
    }
    String scheme = uri.getScheme();
    String host = uri.getHost();
    if (scheme == null
        || host == null
        || host.contains("%")
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null
        || !(uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
        || uri.getPort() == 0
        || uri.getPort() > 65535) {
      return notAnAddress();
    }
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "https" -> {
        int port = uri.getPort() < 0 ? HTTPS_PORT : uri.getPort();
        yield new Parsed.Good(
            new TokenServiceAddress(withoutBrackets(host), host + ":" + port, port, false));
      }
      case "http" -> clearText(host, uri.getPort() < 0 ? HTTP_PORT : uri.getPort());
      default -> notAnAddress();
    };
  }

  private static Parsed clearText(String host, int port) {
    String authority = host + ":" + port;
    String name = host.toLowerCase(Locale.ROOT);
    if (name.equals("localhost") || name.endsWith(".localhost")) {
      return new Parsed.Good(new TokenServiceAddress("127.0.0.1", authority, port, true));
    }
    try {
      InetAddress address = InetAddress.ofLiteral(withoutBrackets(host));
      if (address.isLoopbackAddress()) {
        return new Parsed.Good(
            new TokenServiceAddress(address.getHostAddress(), authority, port, true));
      }
    } catch (IllegalArgumentException e) {
      // A name that is not loopback, because what it resolves to can change.
    }
    return new Parsed.Bad(
        "http:// sends the API key in clear text, so it is allowed for loopback addresses and"
            + " localhost only: write https://");
  }

  private static Parsed notAnAddress() {
    return new Parsed.Bad(
        "not an address of a token service: expected https://HOST or https://HOST:PORT");
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** The host name or numeric address to connect to. */
  public String host() {
    return host;
  }

  /** The authority in requests. */
  public String authority() {
    return authority;
  }

  public int port() {
    return port;
  }

  /** Whether there is no TLS; the address is then loopback. */
  public boolean isClearText() {
    return clearText;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenServiceAddress that
        && host.equals(that.host)
        && authority.equals(that.authority)
        && port == that.port
        && clearText == that.clearText;
  }

  @Override
  public int hashCode() {
    return authority.hashCode() + (clearText ? 1 : 0);
  }

  /** Returns the form used in {@code tvm.yaml}. */
  @Override
  public String toString() {
    return (clearText ? "http://" : "https://") + authority;
  }
}

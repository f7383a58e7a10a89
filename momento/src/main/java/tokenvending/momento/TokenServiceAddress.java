package tokenvending.momento;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where the token service is. That a clear-text one exists is the proof that it cannot leave this
 * machine: it is made for loopback addresses only, and never asks a name server.
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

  /** What an address was read as. */
  public sealed interface Parsed {
    record Good(TokenServiceAddress address) implements Parsed {}

    /**
     * Not to be used.
     *
     * @param problem what is wrong and what was expected, without repeating the text
     */
    record Bad(String problem) implements Parsed {}
  }

  /** This machine, over TLS. */
  public static TokenServiceAddress loopbackTls(int port) {
    return tls(new HostAndPort("127.0.0.1", port));
  }

  static TokenServiceAddress tls(HostAndPort at) {
    return new TokenServiceAddress(at.host(), at.host() + ":" + at.port(), at.port(), false);
  }

  /**
   * Reads {@code https://HOST[:PORT]}, or {@code http://} followed by a loopback address, {@code
   * localhost} or a name under {@code .localhost} (RFC 6761 §6.3), which is then reached at
   * 127.0.0.1 whatever name servers say.
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
      // A name, then; what it resolves to can change, so it is no loopback address.
    }
    return new Parsed.Bad(
        "http:// would send the API key in clear text, so it is taken for a loopback address or a"
            + " localhost name only; write https://");
  }

  private static Parsed notAnAddress() {
    return new Parsed.Bad(
        "not an address of a token service; expected https://HOST or https://HOST:PORT");
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** The name or numeric address to connect to. */
  public String host() {
    return host;
  }

  /** What the service is called in requests. */
  public String authority() {
    return authority;
  }

  public int port() {
    return port;
  }

  /** Whether there is no TLS; then it is on this machine. */
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

  /** As it would be written in {@code tvm.yaml}. */
  @Override
  public String toString() {
    return (clearText ? "http://" : "https://") + authority;
  }
}

package tokenvending.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Selects the proxy for HTTPS connections from the environment variables {@code HTTPS_PROXY} and
 * {@code NO_PROXY}, as curl does; {@code https_proxy} and {@code no_proxy} take precedence. The
 * clients for issuers, Momento and AWS all use the JVM's default selector, which {@link #install}
 * replaces. Connections to this machine never use a proxy.
 */
public final class EnvironmentProxies extends ProxySelector {
  private static final int DEFAULT_PORT = 80;

  private final Proxy proxy;
  private final NoProxy exceptions;
  private final Optional<ProxySelector> others;

  private EnvironmentProxies(Proxy proxy, NoProxy exceptions, Optional<ProxySelector> others) {
    this.proxy = proxy;
    this.exceptions = exceptions;
    this.others = others;
  }

  /**
   * Creates the selector for an environment; empty if it names no proxy.
   *
   * @param others the selector for connections that are not HTTPS
   * @throws IllegalArgumentException if a variable is invalid; the message names the variable but
   *     not its value, which can contain a password
   */
  static Optional<EnvironmentProxies> of(
      Map<String, String> environment, Optional<ProxySelector> others) {
    return variable(environment, "HTTPS_PROXY")
        .map(
            value ->
                new EnvironmentProxies(
                    new Proxy(Proxy.Type.HTTP, address(value)),
                    NoProxy.parse(variable(environment, "NO_PROXY").orElse("")),
                    others));
  }

  /**
   * Installs the environment's proxies for this process. Does nothing if the environment names
   * none; the JVM's own settings ({@code -Dhttps.proxyHost}) then apply.
   *
   * @throws IllegalArgumentException as {@link #of}
   */
  public static void install(Map<String, String> environment) {
    @Nullable ProxySelector before = ProxySelector.getDefault();
    Optional<ProxySelector> others =
        before instanceof EnvironmentProxies installed
            ? installed.others
            : Optional.ofNullable(before);
    of(environment, others).ifPresent(ProxySelector::setDefault);
  }

  @Override
  public List<Proxy> select(URI uri) {
    @Nullable String host = uri.getHost();
    if (host != null && "https".equalsIgnoreCase(uri.getScheme())) {
      int port = uri.getPort() < 0 ? 443 : uri.getPort();
      return List.of(exceptions.covers(host, port) ? Proxy.NO_PROXY : proxy);
    }
    return others.map(selector -> selector.select(uri)).orElse(List.of(Proxy.NO_PROXY));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // There is only one proxy; the failed connection reports it.
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT)))
        .filter(value -> !value.isBlank())
        .or(() -> Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank()))
        .map(String::strip);
  }

  /**
   * Returns an unresolved address, as the JDK's own selector does: the client that connects
   * resolves the name.
   */
  private static InetSocketAddress address(String value) {
    try {
      URI uri = new URI(value.contains("://") ? value : "http://" + value);
      if (uri.getRawUserInfo() != null) {
        throw new IllegalArgumentException(
            "HTTPS_PROXY: a proxy that requires a user and password is not supported");
      }
      boolean isAddress =
          "http".equalsIgnoreCase(uri.getScheme())
              && uri.getHost() != null
              && Set.of("", "/").contains(uri.getRawPath())
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null;
      if (isAddress) {
        return InetSocketAddress.createUnresolved(
            uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
      }
    } catch (URISyntaxException e) {
      // Reported below, without the text.
    }
    throw new IllegalArgumentException("HTTPS_PROXY: expected http://HOST:PORT");
  }
}

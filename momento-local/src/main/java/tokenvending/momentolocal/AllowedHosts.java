package tokenvending.momentolocal;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.RequestHeaders;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host names that a listener accepts in {@code Host} or {@code :authority}. This protects
 * against DNS rebinding: a web page whose name resolves to this machine or its network sends that
 * name, which is not allowed. Immutable.
 */
public final class AllowedHosts {
  private static final Pattern AUTHORITY =
      Pattern.compile(
          "(\\[(?<v6>[0-9a-f:.]{2,45})]|(?<name>[a-z0-9_-]+(\\.[a-z0-9_-]+)*)\\.?)(:[0-9]{1,5})?");
  private static final String OCTET = "(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])";
  private static final Pattern V4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

  private final Set<String> names;
  private final Set<InetAddress> addresses;
  private final boolean everyAddress;
  private final boolean everything;

  private AllowedHosts(Collection<String> hosts, boolean everyAddress, boolean everything) {
    this.names = new HashSet<>();
    this.addresses = new HashSet<>();
    this.everyAddress = everyAddress;
    this.everything = everything;
    for (String host : hosts) {
      String lower = host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
      v4(lower).or(() -> v6(lower)).ifPresentOrElse(addresses::add, () -> names.add(lower));
    }
  }

  /**
   * Returns the loopback names (RFC 6761 §6.3) and addresses, and the given hosts.
   *
   * @param more host names or addresses, without port; any port matches
   */
  public static AllowedHosts loopbackAnd(Collection<String> more) {
    return new AllowedHosts(more, false, false);
  }

  /**
   * Returns the hosts for a listener at this address. At a loopback address: loopback and the given
   * hosts. Elsewhere: loopback, the given hosts and every numeric address, which needs no name; or
   * every host if none is given.
   *
   * @param more host names or addresses, without port; any port matches
   */
  public static AllowedHosts at(InetAddress listening, Collection<String> more) {
    boolean loopback = listening.isLoopbackAddress();
    return new AllowedHosts(more, !loopback, !loopback && more.isEmpty());
  }

  /**
   * Whether the request names at least one host, and all of them are allowed. An HTTP/2 request can
   * have both {@code :authority} and {@code Host} (RFC 9113 §8.3.1).
   */
  public boolean allow(RequestHeaders headers) {
    List<String> named = new ArrayList<>(headers.getAll(HttpHeaderNames.AUTHORITY));
    named.addAll(headers.getAll(HttpHeaderNames.HOST));
    return allow(named);
  }

  boolean allow(List<String> authorities) {
    return everything || (!authorities.isEmpty() && authorities.stream().allMatch(this::allows));
  }

  private boolean allows(String authority) {
    Matcher matcher = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return false;
    }
    String name = matcher.group("name");
    Optional<InetAddress> address = name == null ? v6(matcher.group("v6")) : v4(name);
    if (address.isPresent()) {
      return everyAddress || address.get().isLoopbackAddress() || addresses.contains(address.get());
    }
    return name != null
        && (name.equals("localhost") || name.endsWith(".localhost") || names.contains(name));
  }

  private static Optional<InetAddress> v4(String text) {
    // Strict: parsers disagree about addresses such as 127.1 or 0177.0.0.1.
    return V4.matcher(text).matches() ? literal(text) : Optional.empty();
  }

  private static Optional<InetAddress> v6(String text) {
    return text.indexOf(':') < 0 ? Optional.empty() : literal(text);
  }

  /** Parses a numeric address without a name look-up. */
  private static Optional<InetAddress> literal(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}

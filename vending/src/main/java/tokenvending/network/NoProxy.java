package tokenvending.network;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hosts that are reached without a proxy: the entries of {@code NO_PROXY}, separated by commas
 * or spaces. An entry is {@code *} for every host, a domain (the host itself and its subdomains;
 * {@code .example.com} and {@code *.example.com} mean the same), an IP address, or a range such as
 * {@code 10.0.0.0/8}. A domain or address can end in {@code :PORT}. Names are not resolved.
 */
final class NoProxy {
  private static final String BAD =
      "NO_PROXY: expected *, or domains, IP addresses and ranges with commas between them";

  private static final Pattern SEPARATOR = Pattern.compile("[,\\s]+");
  private static final Pattern WITH_PORT =
      Pattern.compile("(?<host>[^:]+|\\[[^]]+])(:(?<port>[0-9]{1,5}))?");
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  /** One entry. */
  private sealed interface Entry {
    record Every() implements Entry {}

    /** A range of addresses with the same first bits. */
    record Range(InetAddress first, int bits, Optional<Integer> port) implements Entry {}

    record Domain(String name, Optional<Integer> port) implements Entry {}
  }

  private final List<Entry> entries;

  private NoProxy(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * Parses the variable's value.
   *
   * @throws IllegalArgumentException if an entry is invalid
   */
  static NoProxy parse(String list) {
    return new NoProxy(
        SEPARATOR.splitAsStream(list).filter(text -> !text.isEmpty()).map(NoProxy::entry).toList());
  }

  private static Entry entry(String text) {
    if (text.equals("*")) {
      return new Entry.Every();
    }
    int slash = text.indexOf('/');
    if (slash >= 0) {
      InetAddress first =
          address(text.substring(0, slash)).orElseThrow(() -> new IllegalArgumentException(BAD));
      String bits = text.substring(slash + 1);
      int all = first.getAddress().length * 8;
      if (!bits.matches("[0-9]{1,3}") || Integer.parseInt(bits) > all) {
        throw new IllegalArgumentException(BAD);
      }
      return new Entry.Range(first, Integer.parseInt(bits), Optional.empty());
    }
    Optional<InetAddress> bare = address(text);
    if (bare.isPresent()) {
      return range(bare.get(), Optional.empty());
    }
    Matcher matcher = WITH_PORT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(BAD);
    }
    Optional<Integer> port = Optional.ofNullable(matcher.group("port")).map(Integer::valueOf);
    String host = matcher.group("host");
    Optional<InetAddress> address = address(host);
    return address.isPresent() ? range(address.get(), port) : new Entry.Domain(domain(host), port);
  }

  private static Entry.Range range(InetAddress one, Optional<Integer> port) {
    return new Entry.Range(one, one.getAddress().length * 8, port);
  }

  private static String domain(String text) {
    String name = text.startsWith("*.") ? text.substring(2) : text;
    name = name.startsWith(".") ? name.substring(1) : name;
    return withoutLastDot(name).toLowerCase(Locale.ROOT);
  }

  private static String withoutLastDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /** Whether a host is reached without a proxy; always true for this machine. */
  boolean covers(String host, int port) {
    String name = withoutLastDot(host.toLowerCase(Locale.ROOT));
    Optional<InetAddress> address = address(name);
    boolean isThisMachine =
        name.equals("localhost")
            || name.endsWith(".localhost")
            || address.filter(InetAddress::isLoopbackAddress).isPresent();
    return isThisMachine || entries.stream().anyMatch(entry -> covers(entry, name, address, port));
  }

  private static boolean covers(Entry entry, String name, Optional<InetAddress> address, int port) {
    return switch (entry) {
      case Entry.Every() -> true;
      case Entry.Range(InetAddress first, int bits, Optional<Integer> only) ->
          only.orElse(port) == port
              && address.filter(one -> haveSameBits(one, first, bits)).isPresent();
      case Entry.Domain(String domain, Optional<Integer> only) ->
          only.orElse(port) == port && (name.equals(domain) || name.endsWith("." + domain));
    };
  }

  private static boolean haveSameBits(InetAddress one, InetAddress other, int bits) {
    byte[] a = one.getAddress();
    byte[] b = other.getAddress();
    if (a.length != b.length) {
      return false;
    }
    BigInteger different = new BigInteger(1, a).xor(new BigInteger(1, b));
    return different.shiftRight(a.length * 8 - bits).signum() == 0;
  }

  /** Parses a numeric address, with or without brackets. */
  private static Optional<InetAddress> address(String text) {
    String digits =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    if (digits.length() > 45 || !ADDRESS.matcher(digits).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(digits));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}

package tokenvending.identity;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The client's address: the peer, or the address that a trusted proxy reports. An IPv4 address
 * inside an IPv6 one (mapped, RFC 4291 §2.5.5.2, or translated, RFC 6052 §2.1) becomes the IPv4
 * address, and a zone (RFC 4007 §11) is removed.
 */
public record ClientAddress(InetAddress address) {
  /** The prefix 64:ff9b::/96 of translated addresses. */
  private static final byte[] TRANSLATED = {
    0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0
  };

  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:0|[1-9][0-9]{0,2})\\.){3}(?:0|[1-9][0-9]{0,2})");
  private static final Pattern IPV6 = Pattern.compile("([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:%[^%]+)?");

  public ClientAddress {
    address = plain(address);
  }

  /**
   * Parses a numeric address, with or without an IPv6 zone. Empty for anything else: a name, or an
   * IPv4 address with fewer than four parts or with leading zeros, which some parsers read as
   * octal.
   */
  public static Optional<ClientAddress> parse(String text) {
    try {
      if (IPV4.matcher(text).matches()) {
        return Optional.of(new ClientAddress(Inet4Address.ofLiteral(text)));
      }
      var six = IPV6.matcher(text);
      return six.matches()
          ? Optional.of(new ClientAddress(Inet6Address.ofLiteral(six.group(1))))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static InetAddress plain(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    byte[] bytes = address.getAddress();
    boolean translated = Arrays.equals(bytes, 0, 12, TRANSLATED, 0, 12);
    try {
      // Java converts a mapped address into an IPv4 one here.
      return InetAddress.getByAddress(translated ? Arrays.copyOfRange(bytes, 12, 16) : bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("4 and 16 bytes are addresses", e);
    }
  }

  /**
   * The networks that this address counts against, the narrowest first. A client with one address
   * of a network is assumed to have all of them.
   */
  public List<Network> networks() {
    return Network.of(address);
  }

  /** The numeric form, as audit events and logs show it. */
  public String text() {
    return address.getHostAddress();
  }
}

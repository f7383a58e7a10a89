package tokenvending.identity;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** The address a request came from: the peer, or what a trusted proxy says the peer was. */
public record ClientAddress(InetAddress address) {
  /**
   * The network that one client can be expected to hold: an IPv4 address, or the first 64 bits of
   * an IPv6 address, since whoever has one address of a /64 has all of them.
   */
  public InetAddress network() {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    byte[] bytes = address.getAddress();
    Arrays.fill(bytes, 8, 16, (byte) 0);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("sixteen bytes are an IPv6 address", e);
    }
  }

  /** The numeric form, as records and logs show it. */
  public String text() {
    return address.getHostAddress();
  }
}

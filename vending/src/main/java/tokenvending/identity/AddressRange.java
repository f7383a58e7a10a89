package tokenvending.identity;

import java.net.InetAddress;

/**
 * An IP address range in CIDR notation.
 *
 * @param bits the length of the prefix; the other bits are zero
 */
public record AddressRange(InetAddress network, int bits) {
  public AddressRange {
    if (bits < 0 || bits > network.getAddress().length * 8 || !isZeroBeyond(network, bits)) {
      throw new IllegalArgumentException("not an address range");
    }
  }

  /** Whether the bits after the first ones are zero. */
  public static boolean isZeroBeyond(InetAddress network, int bits) {
    byte[] bytes = network.getAddress();
    for (int bit = bits; bit < bytes.length * 8; bit++) {
      if (bit(bytes, bit) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int bit(byte[] bytes, int index) {
    return bytes[index / 8] >> (7 - index % 8) & 1;
  }

  /**
   * Whether the range contains the address. Never true across address families, except that Java
   * converts IPv4-mapped IPv6 addresses to IPv4.
   */
  public boolean contains(InetAddress address) {
    byte[] mine = network.getAddress();
    byte[] theirs = address.getAddress();
    if (mine.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      if (bit(mine, bit) != bit(theirs, bit)) {
        return false;
      }
    }
    return true;
  }
}

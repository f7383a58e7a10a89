package tokenvending.identity;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A network whose addresses one client can be expected to control. Everything counted by address is
 * counted against each of {@link #of}: an IPv4 address, or for IPv6 the /64 of one link, the /56 of
 * one home connection and the /48 of one site (RFC 6177). A wider network has a larger {@link
 * #share}, so that neighbors do not block each other.
 *
 * @param bits the first bits of the address, in the high bits for IPv6; the others are zero
 */
public record Network(Width width, long bits) implements Comparable<Network> {
  /** The prefix length of a network. */
  public enum Width {
    IPV4_ADDRESS(32, 1),
    IPV6_64(64, 1),
    IPV6_56(56, 4),
    IPV6_48(48, 8);

    private final int prefix;
    private final int share;

    Width(int prefix, int share) {
      this.prefix = prefix;
      this.share = share;
    }
  }

  private static final List<Width> IPV6 = List.of(Width.IPV6_64, Width.IPV6_56, Width.IPV6_48);

  /** Returns the networks of an address, the narrowest first. */
  static List<Network> of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    if (!(address instanceof Inet6Address)) {
      return List.of(new Network(Width.IPV4_ADDRESS, Integer.toUnsignedLong(bytes.getInt())));
    }
    long first = bytes.getLong();
    return IPV6.stream()
        .map(width -> new Network(width, first & -1L << (Long.SIZE - width.prefix)))
        .toList();
  }

  /** The factor by which this network's rate exceeds that of one client. */
  public int share() {
    return width.share;
  }

  /** Returns CIDR notation, such as {@code 2001:db8:0:1:0:0:0:0/64}. */
  public String text() {
    byte[] bytes =
        width == Width.IPV4_ADDRESS
            ? ByteBuffer.allocate(4).putInt((int) bits).array()
            : ByteBuffer.allocate(16).putLong(bits).array();
    try {
      return InetAddress.getByAddress(bytes).getHostAddress() + "/" + width.prefix;
    } catch (UnknownHostException e) {
      throw new AssertionError("4 and 16 bytes are addresses", e);
    }
  }

  /** An order keeps hash maps fast when a client chooses addresses with colliding hashes. */
  @Override
  public int compareTo(Network other) {
    int byWidth = width.compareTo(other.width);
    return byWidth != 0 ? byWidth : Long.compare(bits, other.bits);
  }
}

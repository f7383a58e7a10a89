package tokenvending.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.server.Vendor;
import tokenvending.server.Wire;
import tokenvending.testing.Await;

/** One client cannot take the connections of all. */
@Tag("T9")
@Timeout(60)
final class ConnectionSharesTest {
  private static final String HEALTH = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final InetAddress ONE = InetAddress.ofLiteral("127.0.0.2");
  private static final InetAddress OTHER = InetAddress.ofLiteral("127.0.0.3");

  @TempDir private Path folder;

  private static Wire from(InetAddress address, int port) {
    try {
      return Wire.over(new Socket(InetAddress.getLoopbackAddress(), port, address, 0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean served(Wire wire) {
    try {
      return wire.send(HEALTH).answer().status() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  @Test
  void one_address_has_its_share_and_others_are_served() {
    String policy = Vendor.OPEN + "limits: { connections-per-address: 5 }\n";
    List<Wire> all = new ArrayList<>();
    try (Vendor vendor = Vendor.start(folder, policy)) {
      for (int i = 0; i < 5; i++) {
        all.add(from(ONE, vendor.port()));
        assertThat(served(all.getLast())).isTrue();
      }
      for (int i = 0; i < 300; i++) {
        all.add(from(ONE, vendor.port()));
      }
      assertThat(all.getLast().ends()).isTrue();
      try (Wire other = from(OTHER, vendor.port())) {
        assertThat(served(other)).isTrue();
      }
      assertThat(served(all.getFirst())).as("what is open stays open").isTrue();
      all.getFirst().close();
      Await.until(
          "a place is free again",
          () -> {
            try (Wire again = from(ONE, vendor.port())) {
              return served(again);
            }
          });
    } finally {
      all.forEach(Wire::close);
    }
  }

  @Test
  void IPv6_is_counted_by_network() {
    ConnectionShares shares =
        new ConnectionShares(() -> new ClientRules(List.of(), peer -> false, 3));
    assertThat(admitted(shares, "2001:db8::%x", 10)).as("one /64").isEqualTo(3);
    assertThat(admitted(shares, "2001:db8:0:1%02x::1", 200)).as("one /56").isEqualTo(12);
    assertThat(admitted(shares, "2001:db8:1:%x00::1", 200)).as("one /48").isEqualTo(24);
    assertThat(admitted(shares, "2001:db8:%x::1", 0xfff)).as("many sites").isGreaterThan(1_000);
    assertThat(admitted(shares, "::ffff:192.0.2.%d", 100)).as("IPv4 in IPv6").isEqualTo(100);
  }

  /** How many of so many connections stay open, each from an address with its number in it. */
  private static int admitted(ConnectionShares shares, String address, int count) {
    int open = 0;
    for (int i = 1; i <= count; i++) {
      InetSocketAddress peer =
          new InetSocketAddress(InetAddress.ofLiteral(address.formatted(i)), 1);
      EmbeddedChannel connection =
          new EmbeddedChannel() {
            @Override
            protected SocketAddress remoteAddress0() {
              return peer;
            }
          };
      shares.admit(connection);
      open += connection.isOpen() ? 1 : 0;
    }
    return open;
  }

  @Test
  void a_trusted_proxy_has_as_many_as_it_needs_and_a_changed_share_is_in_force() {
    String policy =
        Vendor.OPEN + "limits: { connections-per-address: 1, trusted-proxies: [127.0.0.2] }\n";
    try (Vendor vendor = Vendor.start(folder, policy);
        Wire first = from(ONE, vendor.port());
        Wire second = from(ONE, vendor.port());
        Wire other = from(OTHER, vendor.port())) {
      assertThat(served(first)).isTrue();
      assertThat(served(second)).isTrue();
      assertThat(served(other)).isTrue();
      try (Wire more = from(OTHER, vendor.port())) {
        assertThat(served(more)).isFalse();
      }
      vendor.server.change(
          vendor.configuration(Vendor.OPEN + "limits: { connections-per-address: 2 }\n"));
      try (Wire again = from(OTHER, vendor.port())) {
        assertThat(served(again)).isTrue();
      }
    }
  }
}

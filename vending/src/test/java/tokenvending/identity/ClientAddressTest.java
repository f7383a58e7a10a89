package tokenvending.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an address is, and against which networks it is counted. */
final class ClientAddressTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "2001:db8::1, 2001:db8:0:0:0:0:0:1",
    "2001:DB8::A, 2001:db8:0:0:0:0:0:a",
    "::, 0:0:0:0:0:0:0:0",
    "fe80::1%eth0, fe80:0:0:0:0:0:0:1",
    "fe80::1%25, fe80:0:0:0:0:0:0:1",
    "::ffff:192.0.2.1, 192.0.2.1",
    "::FFFF:c000:0201, 192.0.2.1",
    "64:ff9b::192.0.2.1, 192.0.2.1",
    "64:ff9b::c000:201, 192.0.2.1",
  })
  void address_in_numbers_is_read(String text, String expected) {
    assertThat(ClientAddress.parse(text).map(ClientAddress::text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "localhost",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "256.0.0.1",
        "010.0.0.1",
        "1.2.3.4:80",
        "[::1]",
        ":",
        ":::",
        "1::2::3",
        "12345::1",
        "::1.2.3",
        "fe80::1%",
        "fe80::1%a%b",
        "1.2.3.4%eth0",
        "unknown",
        "_hidden",
        "a.b.c.d",
        "１.2.3.4",
        " 192.0.2.1"
      })
  void anything_else_is_not(String text) {
    assertThat(ClientAddress.parse(text)).isEmpty();
  }

  @Test
  @Tag("T6")
  void ipv4_address_is_one_network() {
    assertThat(networks("192.0.2.1")).isEqualTo("192.0.2.1/32");
    assertThat(networks("::ffff:192.0.2.1")).isEqualTo("192.0.2.1/32");
  }

  @Test
  @Tag("T6")
  void ipv6_address_is_counted_in_three_networks() {
    assertThat(networks("2001:db8:1:2ff:3:4:5:6"))
        .isEqualTo("2001:db8:1:2ff:0:0:0:0/64 2001:db8:1:200:0:0:0:0/56 2001:db8:1:0:0:0:0:0/48");
  }

  @Test
  void wider_network_has_a_wider_share() {
    assertThat(ClientAddress.parse("2001:db8::1").orElseThrow().networks())
        .extracting(Network::share)
        .containsExactly(1, 4, 8);
  }

  @Test
  void networks_of_different_width_differ_also_where_their_bits_are_the_same() {
    assertThat(ClientAddress.parse("2001:db8::1").orElseThrow().networks()).doesNotHaveDuplicates();
  }

  private static String networks(String address) {
    return String.join(
        " ",
        ClientAddress.parse(address).orElseThrow().networks().stream().map(Network::text).toList());
  }
}

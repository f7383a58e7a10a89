package tokenvending.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose request it is behind proxies. The proxies are 10.0.0.1 (the peer), .2 and 2001:db8::99. */
@Tag("T7")
final class ClientAddressesTest {
  private static final Set<String> PROXIES =
      Set.of("10.0.0.1", "10.0.0.2", "2001:db8:0:0:0:0:0:99");

  private final ClientAddresses addresses =
      new ClientAddresses(address -> PROXIES.contains(address.getHostAddress()));

  @Test
  void peer_that_is_no_trusted_proxy_is_the_client_whatever_it_sends() {
    InetAddress peer = InetAddress.ofLiteral("192.0.2.9");
    assertThat(addresses.of(peer, List.of("198.51.100.1"), List.of("for=198.51.100.1")).text())
        .isEqualTo("192.0.2.9");
  }

  @Test
  void proxy_that_names_nobody_is_the_client() {
    assertThat(client(List.of(), List.of())).isEqualTo("10.0.0.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "198.51.100.1 | 198.51.100.1",
        "198.51.100.1:4711 | 198.51.100.1",
        "198.51.100.1:65535 | 198.51.100.1",
        "~\"198.51.100.1\"~ | 198.51.100.1",
        "~\"198.51.100.1:80\"~ | 198.51.100.1",
        "2001:db8::1 | 2001:db8:0:0:0:0:0:1",
        "[2001:db8::1] | 2001:db8:0:0:0:0:0:1",
        "[2001:db8::1]:4711 | 2001:db8:0:0:0:0:0:1",
        "~\"[2001:db8::1]:4711\"~ | 2001:db8:0:0:0:0:0:1",
        "~\"2001:db8::1\"~ | 2001:db8:0:0:0:0:0:1",
        "fe80::1%eth0 | fe80:0:0:0:0:0:0:1",
        "[fe80::1%25eth0]:443 | fe80:0:0:0:0:0:0:1",
        "::ffff:198.51.100.1 | 198.51.100.1",
        "[::ffff:198.51.100.1]:80 | 198.51.100.1",
        "~  198.51.100.1\t~ | 198.51.100.1",
        "203.0.113.7, 198.51.100.1:1, 10.0.0.2:2 | 198.51.100.1",
        "203.0.113.7,198.51.100.1,[2001:db8::99]:3,10.0.0.2 | 198.51.100.1",
        "203.0.113.7, [2001:db8::1]:9, ::ffff:10.0.0.2 | 2001:db8:0:0:0:0:0:1",
        "198.51.100.1,, ,10.0.0.2, | 198.51.100.1",
        "198.51.100.1, unknown, 10.0.0.2 | 10.0.0.2",
        "198.51.100.1, _secret, 10.0.0.2 | 10.0.0.2",
        "198.51.100.1, 256.1.1.1 | 10.0.0.1",
        "198.51.100.1, 198.51.100.2:x | 10.0.0.1",
        "198.51.100.1, [198.51.100.2 | 10.0.0.1",
        "198.51.100.1, [2001:db8::1]x | 10.0.0.1",
        "198.51.100.1, proxy.example.com | 10.0.0.1",
        "198.51.100.1, 010.0.0.9 | 10.0.0.1",
      })
  void x_forwarded_for_is_read_from_its_right_end(String value, String expected) {
    assertThat(client(List.of(value), List.of())).isEqualTo(expected);
  }

  @Test
  void several_lines_are_one_list() {
    assertThat(client(List.of("203.0.113.7", "198.51.100.1:5, 10.0.0.2"), List.of()))
        .isEqualTo("198.51.100.1");
    assertThat(client(List.of(), List.of("for=203.0.113.7", "for=198.51.100.1, for=10.0.0.2")))
        .isEqualTo("198.51.100.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "for=198.51.100.1 | 198.51.100.1",
        "For=198.51.100.1 | 198.51.100.1",
        "FOR=\"198.51.100.1:4711\" | 198.51.100.1",
        "for=198.51.100.1:4711 | 198.51.100.1",
        "for=\"[2001:db8::1]:4711\" | 2001:db8:0:0:0:0:0:1",
        "for=\"[2001:db8::1]\" | 2001:db8:0:0:0:0:0:1",
        "for=[2001:db8::1] | 2001:db8:0:0:0:0:0:1",
        "for=\"2001:db8::1\" | 2001:db8:0:0:0:0:0:1",
        "for=\"198.51.100.1:_port\" | 198.51.100.1",
        "for=\"198.51\\.100.1\" | 198.51.100.1",
        "by=203.0.113.43;for=198.51.100.1;host=x;proto=https | 198.51.100.1",
        "proto=https ; for=198.51.100.1 ;; by=_gateway | 198.51.100.1",
        "for=203.0.113.7, for=198.51.100.1;host=\"a,b;c\", for=10.0.0.2 | 198.51.100.1",
        "for=198.51.100.1,,for=10.0.0.2, | 198.51.100.1",
        "for=198.51.100.1, for=unknown | 10.0.0.1",
        "for=198.51.100.1, for=Unknown, for=10.0.0.2 | 10.0.0.2",
        "for=198.51.100.1, for=_hidden, for=10.0.0.2 | 10.0.0.2",
        "for=198.51.100.1, proto=https, for=10.0.0.2 | 10.0.0.2",
        "for=198.51.100.1;for=198.51.100.2 | 10.0.0.1",
        "for=198.51.100.1 for=198.51.100.2 | 10.0.0.1",
        "for= | 10.0.0.1",
        "for | 10.0.0.1",
        "198.51.100.1 | 10.0.0.1",
      })
  void forwarded_is_read_from_its_right_end(String value, String expected) {
    assertThat(client(List.of(), List.of(value))).isEqualTo(expected);
  }

  /** What the client sends, before what the proxy adds to the same line. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "for=203.0.113.7;x=\"",
        "for=\"203.0.113.7",
        "for=203.0.113.7;x=\"\\",
        "for=203.0.113.7;x",
        "for=203.0.113.7;x=\"a\" \""
      })
  void open_end_of_the_clients_own_word_does_not_swallow_what_the_proxy_adds(String opened) {
    for (String added :
        List.of(
            "for=198.51.100.1",
            "for=\"[2001:db8::1]\"",
            "for=198.51.100.1;host=\"x:80\"",
            "by=\"[2001:db8::2]\";for=\"[2001:db8::1]:99\";proto=https")) {
      assertThat(client(List.of(), List.of(opened + ", " + added)))
          .as(added)
          .isNotEqualTo("203.0.113.7");
    }
  }

  @Test
  void where_both_headers_agree_they_are_one() {
    assertThat(
            client(List.of("198.51.100.1:7, 10.0.0.2"), List.of("for=198.51.100.1, for=10.0.0.2")))
        .isEqualTo("198.51.100.1");
  }

  @Test
  void where_they_differ_neither_is_trusted() {
    assertThat(client(List.of("198.51.100.1"), List.of("for=203.0.113.7"))).isEqualTo("10.0.0.1");
    assertThat(client(List.of("198.51.100.1"), List.of("for=\"203.0.113.7"))).isEqualTo("10.0.0.1");
    assertThat(client(List.of("203.0.113.7, 10.0.0.2"), List.of("for=198.51.100.1, for=10.0.0.2")))
        .isEqualTo("10.0.0.2");
  }

  @Test
  void header_that_knows_fewer_hops_leaves_the_others_to_the_other_header() {
    assertThat(client(List.of("198.51.100.1, 10.0.0.2"), List.of("for=10.0.0.2")))
        .isEqualTo("198.51.100.1");
    assertThat(client(List.of("10.0.0.2"), List.of("for=198.51.100.1, for=10.0.0.2")))
        .isEqualTo("198.51.100.1");
  }

  private String client(List<String> xForwardedFor, List<String> forwarded) {
    return addresses.of(InetAddress.ofLiteral("10.0.0.1"), xForwardedFor, forwarded).text();
  }
}

package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threat T20: a page whose name was bound to an address of this machine. */
@Tag("T20")
class AllowedHostsTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress ANY = InetAddress.ofLiteral("0.0.0.0");

  private final AllowedHosts hosts = AllowedHosts.at(LOOPBACK, Set.of());

  private static boolean allows(AllowedHosts hosts, String... authorities) {
    return hosts.allow(List.of(authorities));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "localhost:8080",
        "LOCALHOST:1",
        "localhost.",
        "localhost.:8080",
        "web.cache.localhost:8080",
        "a.localhost",
        "a_b.localhost",
        "127.0.0.1",
        "127.0.0.1:8080",
        "127.255.0.3:8080",
        "[::1]",
        "[::1]:8080",
        "[0:0:0:0:0:0:0:1]:8080",
        "[::ffff:127.0.0.1]",
        "[::FFFF:7f00:1]:8080"
      })
  void loopback_names_and_addresses_are_allowed(String host) {
    assertThat(allows(hosts, host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        ":8080",
        "evil.com",
        "evil.com.",
        "evil.com:8080",
        "localhost.evil.com",
        "evillocalhost",
        "127.0.0.1.evil.com",
        "127.0.0.1.nip.io",
        "128.0.0.1",
        "127.0.0.256",
        "127.0.0.01",
        "127.1",
        "2130706433",
        "0.0.0.0",
        "192.168.0.1:8080",
        "0x7f.0.0.1",
        "[::]",
        "[::2]",
        "[::127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[127.0.0.1]",
        "[::1%25lo]",
        "[::1",
        "::1",
        "::1]:80",
        "localhost:",
        "localhost:x",
        "localhost:999999",
        "localhost..",
        ".localhost",
        "a..localhost",
        "user@localhost",
        "localhost@evil.com",
        "localhost/evil",
        "localhost#evil.com",
        "localhost evil.com",
        "localhost,evil.com",
        "localh\u00f6st"
      })
  void other_hosts_are_not(String host) {
    assertThat(allows(hosts, host)).isFalse();
  }

  @Test
  void a_request_that_names_no_host_or_one_more_is_not_allowed() {
    assertThat(hosts.allow(List.of())).isFalse();
    assertThat(allows(hosts, "localhost", "evil.com")).isFalse();
    assertThat(allows(hosts, "evil.com", "localhost")).isFalse();
    assertThat(allows(hosts, "localhost", "127.0.0.1:1")).isTrue();
  }

  @Test
  void listed_hosts_are_allowed_in_any_case_and_at_any_port() {
    AllowedHosts listed = AllowedHosts.at(LOOPBACK, Set.of("Box.lan", "fd00::1", "10.0.0.1"));
    for (String host : new String[] {"box.lan", "BOX.LAN:8080", "box.lan.", "[fd00:0::1]:1"}) {
      assertThat(allows(listed, host)).isTrue();
    }
    assertThat(allows(listed, "10.0.0.1:80")).isTrue();
    for (String host : new String[] {"a.box.lan", "box.lan.evil.com", "fd00::1", "10.0.0.2"}) {
      assertThat(allows(listed, host)).isFalse();
    }
  }

  @Test
  void at_another_address_every_host_is_allowed_until_hosts_are_listed() {
    assertThat(allows(AllowedHosts.at(ANY, Set.of()), "evil.com")).isTrue();
    AllowedHosts listed = AllowedHosts.at(ANY, Set.of("tvm.example.com"));
    assertThat(allows(listed, "evil.com")).isFalse();
    for (String host :
        new String[] {"tvm.example.com", "localhost:80", "10.1.2.3:8080", "[fd00::2]"}) {
      assertThat(allows(listed, host)).isTrue();
    }
  }
}

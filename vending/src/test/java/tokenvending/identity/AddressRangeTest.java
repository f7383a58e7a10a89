package tokenvending.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class AddressRangeTest {
  private static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }

  @Test
  void a_range_holds_its_first_and_its_last_address_and_no_neighbour() {
    AddressRange range = new AddressRange(ip("10.1.2.128"), 25);

    assertThat(range.contains(ip("10.1.2.128"))).isTrue();
    assertThat(range.contains(ip("10.1.2.255"))).isTrue();
    assertThat(range.contains(ip("10.1.2.127"))).isFalse();
    assertThat(range.contains(ip("10.1.3.0"))).isFalse();
  }

  @Test
  void an_ipv6_range_holds_no_ipv4_address() {
    AddressRange range = new AddressRange(ip("::"), 0);

    assertThat(range.contains(ip("2001:db8::1"))).isTrue();
    assertThat(range.contains(ip("10.0.0.1"))).isFalse();
    assertThat(new AddressRange(ip("2001:db8::"), 33).contains(ip("2001:db8:8000::"))).isFalse();
    assertThat(new AddressRange(ip("2001:db8::"), 33).contains(ip("2001:db8:7fff::"))).isTrue();
  }

  @Test
  void bits_beyond_the_range_are_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new AddressRange(ip("10.0.0.1"), 31));
    assertThatIllegalArgumentException().isThrownBy(() -> new AddressRange(ip("10.0.0.0"), 33));
    assertThat(new AddressRange(ip("10.0.0.1"), 32).contains(ip("10.0.0.1"))).isTrue();
  }
}

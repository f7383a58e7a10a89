package tokenvending.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvironmentProxiesTest {
  private static final Proxy PROXY =
      new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("proxy.example", 3128));

  private static final InetSocketAddress LOCAL =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);

  @Test
  void https_goes_through_the_proxy() {
    for (String name : List.of("HTTPS_PROXY", "https_proxy")) {
      for (String value :
          List.of(
              "http://proxy.example:3128", "proxy.example:3128", " http://proxy.example:3128/ ")) {
        assertThat(selected(Map.of(name, value), "https://login.example.com/keys"))
            .isEqualTo(PROXY);
      }
    }
    assertThat(selected(Map.of("HTTPS_PROXY", "proxy.example"), "https://a.example"))
        .isEqualTo(
            new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("proxy.example", 80)));
  }

  @Test
  void the_name_in_lower_case_comes_first() {
    assertThat(
            selected(
                Map.of("HTTPS_PROXY", "other.example:1", "https_proxy", "proxy.example:3128"),
                "https://a.example"))
        .isEqualTo(PROXY);
  }

  @Test
  void without_a_variable_the_settings_of_the_jvm_hold() {
    assertThat(EnvironmentProxies.of(Map.of(), Optional.empty())).isEmpty();
    assertThat(EnvironmentProxies.of(Map.of("HTTPS_PROXY", " "), Optional.empty())).isEmpty();
    assertThat(EnvironmentProxies.of(Map.of("NO_PROXY", "*"), Optional.empty())).isEmpty();
  }

  @Test
  void other_schemes_are_for_others() {
    assertThat(selected(Map.of("HTTPS_PROXY", "proxy.example:3128"), "http://169.254.169.254/"))
        .isEqualTo(Proxy.NO_PROXY);
    ProxySelector others = ProxySelector.of(LOCAL);
    ProxySelector selector =
        EnvironmentProxies.of(Map.of("HTTPS_PROXY", "proxy.example:3128"), Optional.of(others))
            .orElseThrow();
    assertThat(selector.select(URI.create("http://a.example")).getFirst().address())
        .isEqualTo(LOCAL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://localhost:8443/",
        "https://chat.localhost",
        "https://127.0.0.1:9/keys",
        "https://127.1.2.3",
        "https://[::1]:9"
      })
  void this_machine_is_reached_without_a_proxy(String uri) {
    assertThat(selected(Map.of("HTTPS_PROXY", "proxy.example:3128"), uri))
        .isEqualTo(Proxy.NO_PROXY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "*;https://a.example",
        "example.com;https://example.com",
        "example.com;https://login.example.com",
        ".example.com;https://login.example.com",
        ".example.com;https://example.com",
        "*.example.com;https://login.example.com",
        "EXAMPLE.com.;https://Login.Example.COM./",
        "a.example, b.example;https://b.example",
        "a.example b.example;https://b.example",
        "example.com:8443;https://example.com:8443",
        "example.com:443;https://example.com",
        "10.0.0.0/8;https://10.1.2.3",
        "10.1.2.3;https://10.1.2.3:9",
        "10.1.2.3:9;https://10.1.2.3:9",
        "fd00::/8;https://[fd12::1]",
        "[fd12::1]:9;https://[fd12::1]:9",
        "fd12::1;https://[fd12:0::1]"
      })
  void what_no_proxy_names_is_reached_without_a_proxy(String noProxy, String uri) {
    assertThat(selected(with(noProxy), uri)).isEqualTo(Proxy.NO_PROXY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "example.com;https://notexample.com",
        "example.com;https://example.com.evil.example",
        "login.example.com;https://example.com",
        "example.com:8443;https://example.com",
        "10.0.0.0/8;https://11.1.2.3",
        "10.0.0.0/8;https://10.example",
        "10.1.2.3:9;https://10.1.2.3",
        "fd00::/8;https://[fe80::1]",
        "0.0.0.0/0;https://[fd12::1]",
        ",;https://a.example"
      })
  void everything_else_goes_through_the_proxy(String noProxy, String uri) {
    assertThat(selected(with(noProxy), uri)).isEqualTo(PROXY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://user:hidden@proxy.example:3128",
        "user:hidden@proxy.example",
        "https://proxy.example:3128",
        "socks5://proxy.example:1080",
        "http://proxy.example:3128/hidden",
        "http://",
        "hidden hidden",
        "proxy.example:port"
      })
  void a_proxy_that_cannot_be_used_is_an_error_that_does_not_repeat_it(String value) {
    assertThatThrownBy(() -> EnvironmentProxies.of(Map.of("HTTPS_PROXY", value), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("HTTPS_PROXY: ")
        .message()
        .doesNotContain("hidden");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.0/33", "10.0.0.0/x", "example.com/8", "a:b:c:x", "a.example:port"})
  void an_exception_that_cannot_be_understood_is_an_error(String value) {
    assertThatThrownBy(() -> EnvironmentProxies.of(with(value), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("NO_PROXY: ");
  }

  private static Map<String, String> with(String noProxy) {
    return Map.of("HTTPS_PROXY", "proxy.example:3128", "NO_PROXY", noProxy);
  }

  private static Proxy selected(Map<String, String> environment, String uri) {
    return EnvironmentProxies.of(environment, Optional.empty())
        .orElseThrow()
        .select(URI.create(uri))
        .getFirst();
  }
}

package tokenvending.momento;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.momento.TokenServiceAddress.Parsed;

@Tag("T20")
class TokenServiceAddressTest {
  @ParameterizedTest
  @CsvSource({
    "https://token.example.com, token.example.com, 443",
    "https://token.example.com/, token.example.com, 443",
    "https://token.example.com:8443, token.example.com, 8443",
    "HTTPS://192.0.2.7:1, 192.0.2.7, 1",
    "https://[2001:db8::1]:443, 2001:db8::1, 443",
  })
  void https_goes_anywhere(String text, String host, int port) {
    TokenServiceAddress address = good(text);
    assertThat(address.isClearText()).isFalse();
    assertThat(address.host()).isEqualTo(host);
    assertThat(address.port()).isEqualTo(port);
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8080, 127.0.0.1, 8080",
    "http://127.9.8.7, 127.9.8.7, 80",
    "http://[::1]:8080, 0:0:0:0:0:0:0:1, 8080",
    "http://localhost:8080, 127.0.0.1, 8080",
    "http://LOCALHOST:8080, 127.0.0.1, 8080",
    "http://token.localhost:8080, 127.0.0.1, 8080",
  })
  void http_goes_to_this_machine_only_and_asks_no_name_server(String text, String host, int port) {
    TokenServiceAddress address = good(text);
    assertThat(address.isClearText()).isTrue();
    assertThat(address.host()).isEqualTo(host);
    assertThat(address.port()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://token.example.com",
        "http://192.0.2.7:8080",
        "http://0.0.0.0:8080",
        "http://10.0.0.1",
        "http://[2001:db8::1]:8080",
        "http://[::]:8080",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://2130706434x",
      })
  void http_to_anywhere_else_is_refused(String text) {
    assertThat(bad(text)).contains("clear text").doesNotContain(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "token.example.com",
        "token.example.com:443",
        "ftp://token.example.com",
        "https://",
        "https:///x",
        "https://token.example.com/path",
        "https://token.example.com?x=1",
        "https://token.example.com#x",
        "https://user:pass@token.example.com",
        "http://user@127.0.0.1",
        "https://token.example.com:0",
        "https://token.example.com:65536",
        "https://to ken.example.com",
        "https://[fe80::1%25eth0]:443",
        "http://[::1%25lo]:8080",
        "https://token.example.com\n",
      })
  void other_text_is_refused(String text) {
    assertThat(bad(text)).contains("https://HOST");
  }

  @Test
  void equal_addresses_are_equal_and_others_are_not() {
    assertThat(good("https://a:1"))
        .isEqualTo(good("https://a:1"))
        .hasSameHashCodeAs(good("https://a:1"));
    assertThat(good("https://a:1")).isNotEqualTo(good("https://a:2"));
    assertThat(good("https://127.0.0.1:1")).isNotEqualTo(good("http://127.0.0.1:1"));
  }

  private static TokenServiceAddress good(String text) {
    Parsed parsed = TokenServiceAddress.parse(text);
    if (parsed instanceof Parsed.Good(TokenServiceAddress address)) {
      return address;
    }
    throw new AssertionError(parsed.toString());
  }

  private static String bad(String text) {
    Parsed parsed = TokenServiceAddress.parse(text);
    if (parsed instanceof Parsed.Bad(String problem)) {
      return problem;
    }
    throw new AssertionError(parsed.toString());
  }
}

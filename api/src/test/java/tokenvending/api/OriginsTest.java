package tokenvending.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pages may read answers. */
@Tag("T13")
final class OriginsTest {
  private final Origins origins =
      new Origins.Listed(
          Set.of("https://chat.example.com", "https://*.example.org", "https://*.dev.test:8443"),
          false);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://chat.example.com",
        "https://a.example.org",
        "https://preview-1.example.org",
        "https://a.dev.test:8443",
      })
  void listed_page_may(String origin) {
    assertThat(origins.allowed(origin)).contains(origin);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://example.org",
        "https://evil-example.org",
        "https://evilexample.org",
        "https://example.org.evil",
        "https://a.example.org.evil",
        "https://a.b.example.org",
        "https://.example.org",
        "https://*.example.org",
        "https://a.example.org:8443",
        "https://a.example.org/",
        "https://a.example.org?.example.org",
        "https://evil.test/.example.org",
        "https://evil.test#.example.org",
        "https://evil.test@a.example.org",
        "https://evil.test\\.example.org",
        "https://evil.test%2f.example.org",
        "http://a.example.org",
        "https://A.example.org",
        "https://a.dev.test",
        "https://a.dev.test:84430",
        "https://a.dev.test:443",
        "https://b.chat.example.com",
        "null",
        "*",
        "",
      })
  void no_other_page_may(String origin) {
    assertThat(origins.allowed(origin)).isEmpty();
  }
}

package tokenvending.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which headers a page may send. */
@Tag("T13")
final class PreflightTest {
  private static final String OURS = "authorization, content-type, password, username";

  @Test
  void headers_that_monitoring_adds_are_allowed() {
    assertThat(Preflight.allowedHeaders(List.of("baggage,sentry-trace,traceparent,tracestate")))
        .isEqualTo(OURS + ", baggage, sentry-trace, traceparent, tracestate");
  }

  @Test
  void headers_of_the_vend_endpoint_are_always_allowed_and_named_once() {
    assertThat(Preflight.allowedHeaders(List.of())).isEqualTo(OURS);
    assertThat(
            Preflight.allowedHeaders(
                List.of("Authorization, X-Requested-With, , x-requested-with")))
        .isEqualTo(OURS + ", x-requested-with");
  }

  @Test
  void several_lines_are_one_list() {
    assertThat(Preflight.allowedHeaders(List.of("a", "b, c"))).isEqualTo(OURS + ", a, b, c");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "a:b",
        "a\r\nset-cookie: x",
        "a;b",
        "\"a\"",
        "a, é",
        "a(b)",
        "a\u0000",
        "x, a=b"
      })
  void what_is_not_a_list_of_names_is_not_sent_back(String asked) {
    assertThat(Preflight.allowedHeaders(List.of(asked))).isEqualTo(OURS);
  }

  @Test
  void long_list_is_not_sent_back() {
    assertThat(Preflight.allowedHeaders(List.of("a".repeat(2048)))).contains("a".repeat(2048));
    assertThat(Preflight.allowedHeaders(List.of("a".repeat(2049)))).isEqualTo(OURS);
    assertThat(Preflight.allowedHeaders(List.of("a".repeat(1024), "b".repeat(1025))))
        .isEqualTo(OURS);
  }
}

package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over HTTP/2 too, a page may read the answer to headers that are too large. */
@Tag("T9")
@Tag("T13")
final class EarlyAnswersTest {
  private static final String PAGE = "https://chat.example.com";

  @TempDir private Path folder;

  @Test
  void answer_to_headers_that_are_too_large_is_readable_over_http2() {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN).ready()) {
      assertThat(answer(vendor, 7_000).status().code()).isEqualTo(200);
      AggregatedHttpResponse large = answer(vendor, 9_000);
      assertThat(large.status().code()).isEqualTo(431);
      assertThat(large.headers().get("access-control-allow-origin")).isEqualTo(PAGE);
      assertThat(large.contentUtf8()).contains("malformed-request");
      assertThat(vendor.minted()).isEqualTo(1);
    }
  }

  private static AggregatedHttpResponse answer(Vendor vendor, int length) {
    RequestHeaders headers =
        RequestHeaders.builder(HttpMethod.GET, "/")
            .add("x-long", "a".repeat(length))
            .add("origin", PAGE)
            .build();
    return WebClient.of("h2c://127.0.0.1:" + vendor.port()).execute(headers).aggregate().join();
  }
}

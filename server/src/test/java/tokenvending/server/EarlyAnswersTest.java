package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A page may read the answer to a request that is rejected before it reaches the API. */
@Tag("T9")
@Tag("T13")
final class EarlyAnswersTest {
  private static final String PAGE = "https://chat.example.com";
  private static final String PROXIED = Vendor.OPEN + "limits: { trusted-proxies: [127.0.0.1] }\n";

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

  @ParameterizedTest
  @ValueSource(strings = {"/?name=%00", "/%zz", "/%2e%2e/", "/?name=%"})
  void answer_to_a_target_that_cannot_be_read_is_readable(String target) throws IOException {
    try (Vendor vendor = Vendor.start(folder, PROXIED).ready()) {
      Answer answer =
          vendor.ask(
              """
              GET %s HTTP/1.1
              Host: localhost
              Origin: %s
              X-Forwarded-For: 192.0.2.7

              """
                  .formatted(target, PAGE)
                  .replace("\n", "\r\n"));
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.header("access-control-allow-origin")).isEqualTo(PAGE);
      assertThat(vendor.audit(1)).hasSize(1).first().asString().contains("\"192.0.2.7\"");
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

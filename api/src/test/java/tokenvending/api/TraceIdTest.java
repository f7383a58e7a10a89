package tokenvending.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.identity.ClientAddress;

final class TraceIdTest {
  private static final String ID = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String GOOD = "00-" + ID + "-00f067aa0ba902b7-01";

  private static ApiRequest with(Map<String, List<String>> headers) {
    return new ApiRequest(
        "GET",
        "/",
        new Query.Encoded(""),
        headers,
        Body.empty(),
        new ClientAddress(InetAddress.getLoopbackAddress()),
        Instant.EPOCH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        GOOD,
        "00-" + ID + "-00f067aa0ba902b7-00",
        "cc-" + ID + "-00f067aa0ba902b7-01-what-the-future-adds",
      })
  void the_trace_of_a_valid_header_is_found(String header) {
    assertThat(TraceId.of(with(Map.of("traceparent", List.of(header))))).contains(ID);
  }

  @ParameterizedTest
  @Tag("T15")
  @ValueSource(
      strings = {
        "",
        ID,
        "ff-" + ID + "-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" + ID + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-" + ID + "-00f067aa0ba902b7",
        "00-" + ID + "-00f067aa0ba902b7-01-more",
        "00-" + ID + "0-00f067aa0ba902b7-01",
        "00-" + ID + "-00f067aa0ba902b7-01\n",
      })
  void any_other_header_counts_as_absent(String header) {
    assertThat(TraceId.of(with(Map.of("traceparent", List.of(header))))).isEmpty();
  }

  @Test
  void a_repeated_header_counts_as_absent() {
    assertThat(TraceId.of(with(Map.of("traceparent", List.of(GOOD, GOOD))))).isEmpty();
  }

  @Test
  void a_load_balancers_trace_is_found_where_the_client_reports_none() {
    String root = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736";
    String part = "Self=1-67891234-12456789abcdef012345678a;" + root + ";Sampled=1";
    for (String header : List.of(root, part)) {
      assertThat(TraceId.of(with(Map.of("x-amzn-trace-id", List.of(header))))).contains(ID);
    }
    assertThat(TraceId.of(with(Map.of("x-amzn-trace-id", List.of("Root=2-" + ID))))).isEmpty();
    assertThat(
            TraceId.of(
                with(
                    Map.of(
                        "traceparent",
                        List.of(GOOD),
                        "x-amzn-trace-id",
                        List.of("Root=1-67891234-12456789abcdef012345678a")))))
        .contains(ID);
  }
}

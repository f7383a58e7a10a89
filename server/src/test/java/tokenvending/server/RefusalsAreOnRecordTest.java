package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tokenvending.server.http.HttpSettings;

/** Also what is refused before it is a vend request is on record, in one line each. */
@Tag("T15")
@Tag("I7")
final class RefusalsAreOnRecordTest {
  /** In every request, where headers, path, query and body are. */
  private static final String MARK = "marK3d";

  private static final HttpSettings.Limits SHORT =
      new HttpSettings.Limits(
          200, Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofSeconds(20));

  @TempDir private static Path folder;
  private static Vendor vendor;

  @BeforeAll
  static void start() {
    vendor = Vendor.start(folder, Vendor.OPEN, SHORT);
  }

  @AfterAll
  static void stop() {
    vendor.close();
  }

  private static List<Arguments> refused() {
    String host = "Host: " + MARK + ".localhost\r\n";
    return List.of(
        Arguments.of(
            "GET / HTTP/1.1\r\nHost: " + MARK + "\r\n\r\n",
            403,
            "host-not-allowed",
            "HOST_NOT_ALLOWED"),
        Arguments.of(
            "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400, "malformed-request", "MALFORMED"),
        Arguments.of(
            "POST / HTTP/1.1\r\n"
                + host
                + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
            "malformed-request",
            "MALFORMED"),
        Arguments.of(
            "GET /%s HTTP/1.1\r\n%s\r\n".formatted(MARK.repeat(900), host),
            431,
            "malformed-request",
            "HEADERS_TOO_LARGE"),
        Arguments.of(
            "GET / HTTP/1.1\r\n%sX: %s\r\n\r\n".formatted(host, MARK.repeat(1_500)),
            431,
            "malformed-request",
            "HEADERS_TOO_LARGE"),
        Arguments.of(
            "POST / HTTP/1.1\r\n" + host + "Content-Length: 100000\r\n\r\n",
            413,
            "malformed-request",
            "TOO_LARGE"),
        Arguments.of(
            "POST / HTTP/1.1\r\n" + host + "Content-Length: 10\r\n\r\n" + MARK,
            408,
            "malformed-request",
            "REQUEST_TIMEOUT"),
        Arguments.of(
            "POST / HTTP/1.1\r\n"
                + host
                + "Content-Type: text/plain\r\nContent-Length: 6\r\n\r\n"
                + MARK,
            415,
            "malformed-request",
            "CONTENT_TYPE"),
        Arguments.of(
            "%s / HTTP/1.1\r\n%s\r\n".formatted("BREW", host),
            405,
            "malformed-request",
            "METHOD_NOT_ALLOWED"),
        Arguments.of(
            "CONNECT / HTTP/1.1\r\n" + host + "\r\n",
            405,
            "malformed-request",
            "METHOD_NOT_ALLOWED"),
        Arguments.of(
            "DELETE /?%s HTTP/1.1\r\n%s\r\n".formatted(MARK, host),
            405,
            "malformed-request",
            "METHOD_NOT_ALLOWED"),
        Arguments.of(
            "POST /healthz HTTP/1.1\r\n%sContent-Length: 0\r\n\r\n".formatted(host),
            405,
            "malformed-request",
            "METHOD_NOT_ALLOWED"),
        Arguments.of(
            "GET /%s HTTP/1.1\r\n%s\r\n".formatted(MARK, host), 404, "not-found", "NOT_FOUND"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void every_refusal_has_a_line_with_its_request_id(
      String request, int status, String outcome, String reason) {
    int before = vendor.audit().size();
    int minted = vendor.minted();
    Answer answer = vendor.ask(request);
    assertThat(answer.status()).isEqualTo(status);
    List<String> lines = vendor.audit(before + 1);
    assertThat(lines).hasSize(before + 1);
    assertThat(lines.getLast())
        .contains("\"requestId\":\"" + answer.header("x-request-id") + "\"")
        .contains("\"address\":\"127.0.0.1\"")
        .contains("\"outcome\":\"" + outcome + "\"")
        .contains("\"reason\":\"" + reason + "\"")
        .doesNotContain(MARK);
    assertThat(vendor.minted()).isEqualTo(minted);
  }

  @Test
  void address_is_the_peer_s_also_where_the_request_could_not_be_read() throws IOException {
    int before = vendor.audit().size();
    Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(), vendor.port(), InetAddress.getByName("127.0.0.2"), 0);
    try (Wire wire = Wire.over(socket)) {
      assertThat(wire.send("GET / HTTP/1.1\r\n\r\n").answer().status()).isEqualTo(400);
    }
    assertThat(vendor.audit(before + 1).getLast()).contains("\"address\":\"127.0.0.2\"");
  }

  @Test
  void health_checks_and_pre_flights_are_no_vends_and_not_on_record() {
    int before = vendor.audit().size();
    for (String request : List.of("GET /healthz", "GET /readyz", "OPTIONS /")) {
      assertThat(vendor.ask(request + " HTTP/1.1\r\nHost: localhost\r\n\r\n").status())
          .isLessThan(300);
    }
    assertThat(vendor.audit()).hasSize(before);
  }
}

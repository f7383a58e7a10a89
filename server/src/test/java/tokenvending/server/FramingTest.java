package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tokenvending.server.http.HttpSettings;
import tokenvending.testing.Await;

/** T8: no two readers of one stream of requests can disagree about where a request ends. */
final class FramingTest {
  private static final String SMUGGLED = "GET /?name=smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir private static Path folder;
  private static Vendor vendor;

  @BeforeAll
  static void start() {
    vendor = Vendor.start(folder, Vendor.OPEN);
  }

  @AfterAll
  static void stop() {
    vendor.close();
  }

  @ParameterizedTest
  @Tag("T8")
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "transfer-encoding: Chunked\r\nCONTENT-LENGTH: 0\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length: \r\n",
        "Content-Length : 5\r\n",
        " Content-Length: 5\r\n",
        "X: y\r\n Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, xchunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding\u000b: chunked\r\n",
        "Transfer-Encoding: \u000bchunked\r\n",
        "X: y\nTransfer-Encoding: chunked\r\n",
        "X: y\rTransfer-Encoding: chunked\r\n",
        "no colon\r\n",
        "Host: y\r\n",
      })
  void T8_a_request_whose_end_is_in_doubt_is_400_and_the_last_of_its_connection(String headers) {
    int before = vendor.minted();
    try (Wire wire = Wire.to(vendor.port())) {
      wire.send("POST / HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n0\r\n\r\n" + SMUGGLED);
      Answer answer = wire.answer();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("malformed-request");
      assertThat(wire.ends()).isTrue();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @ParameterizedTest
  @Tag("T8")
  @ValueSource(
      strings = {
        "x\r\n",
        "-1\r\n",
        "2\r\n{}x0\r\n\r\n",
        "2\n{}\r\n0\r\n\r\n",
        "0;a=\"\r\n\"\r\n\r\n",
        "fffffffff\r\n",
        "2\r\n{}\n0\r\n\r\n",
        "\r\n"
      })
  void T8_a_broken_chunk_is_400_and_the_last_of_its_connection(String chunks) {
    int before = vendor.minted();
    try (Wire wire = Wire.to(vendor.port())) {
      wire.send(post("Transfer-Encoding: chunked\r\n") + chunks + SMUGGLED);
      assertThat(wire.answer().status()).isEqualTo(400);
      assertThat(wire.ends()).isTrue();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  @Tag("T8")
  void T8_what_is_wrong_is_found_after_a_good_request_too() {
    int before = vendor.minted();
    try (Wire wire = Wire.to(vendor.port())) {
      wire.send(
          post("Content-Length: 2\r\n")
              + "{}"
              + post("Transfer-Encoding: chunked\r\n")
              + "2;x=y\r\n{}\r\n0\r\nTrailer: z\r\n\r\n"
              + post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")
              + "0\r\n\r\n"
              + SMUGGLED);
      assertThat(wire.answer().status()).isEqualTo(200);
      assertThat(wire.answer().status()).isEqualTo(200);
      assertThat(wire.answer().status()).isEqualTo(400);
      assertThat(wire.ends()).isTrue();
    }
    assertThat(vendor.minted()).isEqualTo(before + 2);
  }

  @Test
  void a_request_may_come_byte_by_byte() {
    try (Wire wire = Wire.to(vendor.port())) {
      String requests =
          "\r\n"
              + post("Transfer-Encoding: chunked\r\n")
              + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
              + SMUGGLED;
      requests.chars().forEach(c -> wire.send(String.valueOf((char) c)));
      assertThat(wire.answer().status()).isEqualTo(200);
      assertThat(wire.answer().body()).contains("\"tokenId\":\"smuggled\"");
    }
  }

  @Test
  @Tag("T8")
  void T8_an_HTTP2_preface_in_the_middle_is_no_way_around() {
    int before = vendor.minted();
    try (Wire wire = Wire.to(vendor.port())) {
      wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(wire.answer().status()).isEqualTo(200);
      wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SMUGGLED);
      assertThat(wire.answer().status()).isBetween(400, 499);
      assertThat(wire.ends()).isTrue();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  @Tag("T9")
  void T9_a_header_that_drips_is_cut() {
    try (Wire wire = Wire.to(vendor.port())) {
      wire.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
      long begin = System.nanoTime();
      Thread dripping =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int i = 0; i < 1_200 && wire.sends("a") && pause(); i++) {}
                  });
      assertThat(wire.ends()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(40));
      dripping.interrupt();
    }
  }

  @Test
  @Tag("T9")
  void T9_a_body_that_drips_is_408_and_cut() {
    int before = vendor.minted();
    try (Wire wire = Wire.to(vendor.port())) {
      wire.send(post("Content-Length: 1000\r\n") + "{");
      long begin = System.nanoTime();
      Thread dripping =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int i = 0; i < 1_200 && wire.sends(" ") && pause(); i++) {}
                  });
      assertThat(wire.answer().status()).isEqualTo(408);
      assertThat(wire.ends()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(40));
      dripping.interrupt();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  @Tag("T9")
  void T9_a_body_that_nobody_reads_does_not_keep_its_connection() {
    int before = vendor.minted();
    try (Wire wire = Wire.to(vendor.port())) {
      wire.send(post("Content-Length: 1000000\r\n") + "{");
      assertThat(wire.answer().status()).isEqualTo(413);
      assertThat(wire.ends()).isTrue();
    }
    assertThat(vendor.minted()).isEqualTo(before);
  }

  @Test
  @Tag("T9")
  void T9_connections_beyond_the_limit_are_turned_away() {
    HttpSettings.Limits few =
        new HttpSettings.Limits(
            2, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5));
    Path other = folder.resolve("few");
    assertThat(other.toFile().mkdir()).isTrue();
    try (Vendor busy = Vendor.start(other, Vendor.OPEN, few);
        Wire first = Wire.to(busy.port());
        Wire second = Wire.to(busy.port())) {
      String probe = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
      assertThat(first.send(probe).answer().status()).isEqualTo(200);
      assertThat(second.send(probe).answer().status()).isEqualTo(200);
      try (Wire third = Wire.to(busy.port())) {
        assertThat(third.ends()).isTrue();
      }
      assertThat(first.send(probe).answer().status()).isEqualTo(200);
    }
  }

  private static String post(String headers) {
    return "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + headers
        + "\r\n";
  }

  private static boolean pause() {
    Await.pass(Duration.ofMillis(50));
    return true;
  }
}

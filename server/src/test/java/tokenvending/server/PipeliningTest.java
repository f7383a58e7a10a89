package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.testing.Await;

/**
 * Requests that are sent before the answers of those before them have come (RFC 9112 §9.3.2): all
 * are answered in their order, and no more are begun at a time than over HTTP/2.
 */
@Tag("T9")
@Timeout(60)
final class PipeliningTest {
  private static final String VEND = "GET /?name=n%d HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final int MOST = 100;
  private static final int MANY = 1_000;
  private static final Duration QUIET = Duration.ofMillis(250);

  @TempDir private static Path folder;

  @Test
  void no_more_than_a_hundred_requests_of_a_connection_are_under_way() throws InterruptedException {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN).ready()) {
      try (Wire wire = Wire.to(vendor.port())) {
        waitTheirTurn(vendor, wire);
      }
    }
  }

  @Test
  void what_is_wrong_behind_them_is_400_in_its_turn_and_the_last_of_the_connection()
      throws InterruptedException {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN).ready()) {
      int before = vendor.minted();
      CompletableFuture<Void> gate = vendor.tokenService.hold();
      try (Wire wire = Wire.to(vendor.port())) {
        wire.send(
            VEND.formatted(0).repeat(2 * MOST)
                + "GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n"
                + VEND.formatted(1));
        assertThat(begun(vendor, before)).isLessThanOrEqualTo(MOST + 1);
        gate.complete(null);
        for (int i = 0; i < 2 * MOST; i++) {
          assertThat(wire.answer().status()).isEqualTo(200);
        }
        assertThat(wire.answer().status()).isEqualTo(400);
        assertThat(wire.ends()).isTrue();
      }
      assertThat(vendor.minted()).isEqualTo(before + 2 * MOST);
    }
  }

  /** Sends more than may be under way, and looks how far they come while none is answered. */
  static void waitTheirTurn(Vendor vendor, Wire wire) throws InterruptedException {
    int before = vendor.minted();
    CompletableFuture<Void> gate = vendor.tokenService.hold();
    wire.send(IntStream.range(0, MANY).mapToObj(VEND::formatted).collect(Collectors.joining()));
    // The first may have passed before they were counted.
    assertThat(begun(vendor, before)).isLessThanOrEqualTo(MOST + 1);
    gate.complete(null);
    for (int i = 0; i < MANY; i++) {
      Answer answer = wire.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).contains("\"tokenId\":\"n%d\"".formatted(i));
    }
    assertThat(vendor.minted()).isEqualTo(before + MANY);
  }

  /** How many are under way, once there are some and no further one comes. */
  private static int begun(Vendor vendor, int before) throws InterruptedException {
    int begun = 0;
    for (int seen = -1; begun == 0 || seen != begun; begun = vendor.minted() - before) {
      seen = begun;
      Await.pass(QUIET);
    }
    return begun;
  }
}

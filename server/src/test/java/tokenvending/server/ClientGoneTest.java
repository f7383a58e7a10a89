package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.testing.Await;

/** What becomes of the work for somebody who is not there any more, over real sockets. */
@Tag("T6")
final class ClientGoneTest {
  private static final String VEND = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  @TempDir private Path folder;

  @Test
  void call_for_a_client_that_went_away_is_given_up() throws InterruptedException {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN)) {
      assertThat(vendor.ask(VEND).status()).isEqualTo(200);
      CompletableFuture<Void> gate = vendor.tokenService.hold();
      int before = vendor.minted();
      try (Wire wire = Wire.to(vendor.port())) {
        wire.send(VEND);
        Await.until("it is minted", TIMEOUT, () -> vendor.minted() == before + 1);
      }

      // Long before the call's own deadline of four seconds.
      Await.until(
          "the caller disconnected",
          TIMEOUT,
          () ->
              vendor.audit().stream()
                  .anyMatch(line -> line.contains("\"reason\":\"CALLER_DISCONNECTED\"")));
      gate.complete(null);
      assertThat(vendor.ask(VEND).status()).isEqualTo(200);
      assertThat(vendor.audit()).hasSize(3);
    }
  }

  /** It is no fault of the server, which would wake an operator. */
  @Test
  void client_that_goes_away_within_its_request_is_no_internal_error() throws InterruptedException {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN)) {
      try (Wire wire = Wire.to(vendor.port())) {
        wire.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc");
      }
      assertThat(vendor.audit(1)).singleElement(STRING).contains("\"reason\":\"MALFORMED\"");
    }
  }
}

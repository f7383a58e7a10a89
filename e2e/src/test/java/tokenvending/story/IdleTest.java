package tokenvending.story;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.story.Clients.assertDone;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The SDK pings every five seconds, calls or no calls; servers that find this rude hang up. */
final class IdleTest {

  /** Long enough for the fourth ping: a server with gRPC's usual patience ends it at the third. */
  private static final long IDLE_SECONDS = 25;

  @Test
  void an_idle_Java_TopicClient_gets_no_GOAWAY()
      throws IOException, InterruptedException, GeneralSecurityException {
    try (SecureEntrance _ = SecureEntrance.here();
        Machine machine = Machine.serve()) {
      Token token = Token.vended(machine, "Taylor");
      try (Relay relay = Relay.to(token.service());
          Clients clients = Clients.with(token, relay.uri())) {
        assertDone(clients.topics().publish("default-cache", "talk", "before"));
        int before = relay.pings();
        // Being idle takes its time; nothing happens that could be waited for.
        assertThat(new CountDownLatch(1).await(IDLE_SECONDS, TimeUnit.SECONDS)).isFalse();
        assertThat(relay.pings() - before).as("pings").isGreaterThanOrEqualTo(4);
        assertDone(clients.topics().publish("default-cache", "talk", "after"));
        assertThat(relay.goAways()).isZero();
        assertThat(relay.closed()).isZero();
      }
    }
  }
}

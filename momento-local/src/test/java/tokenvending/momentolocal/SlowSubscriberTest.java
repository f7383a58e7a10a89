package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;
import static tokenvending.momentolocal.Local.CACHE;

import java.io.BufferedInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tokenvending.momentolocal.wire._SubscriptionItem;
import tokenvending.momentolocal.wire._SubscriptionRequest;

/** Over a real connection whose buffers fill up. */
@Timeout(180)
class SlowSubscriberTest {

  private static final String TOPIC = "weather";
  private static final int ITEMS = 600;

  @Test
  void a_client_that_stops_reading_stalls_nobody_and_then_hears_what_it_missed() throws Exception {
    // Room for about 40 of the items.
    try (Local local = Local.start(o -> o.withMaxTopicBytes(1_000_000));
        Socket socket = new Socket()) {
      socket.setReceiveBufferSize(16 * 1024);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), local.server.port()));
      socket.setSoTimeout(60_000);
      subscribe(socket, local.apiKey());

      TestStream quick = local.subscribe(local.apiKey(), CACHE, TOPIC).heartbeat();
      String text = "x".repeat(24_000);
      for (int i = 1; i <= ITEMS; i++) {
        local.publish(local.apiKey(), CACHE, TOPIC, text);
        // 14 megabytes pass by the one that does not read.
        assertThat(quick.item().getTopicSequenceNumber()).isEqualTo(i);
      }

      WebFrames frames =
          new WebFrames(new ChunkedBody(new BufferedInputStream(socket.getInputStream())));
      long last = 0;
      int gaps = 0;
      int read = 0;
      while (last < ITEMS) {
        _SubscriptionItem item = _SubscriptionItem.parseFrom(frames.next().body());
        if (item.hasItem()) {
          assertThat(item.getItem().getTopicSequenceNumber()).isEqualTo(last + 1);
          last++;
          read++;
        } else if (item.hasDiscontinuity()) {
          assertThat(item.getDiscontinuity().getLastTopicSequence()).isEqualTo(last);
          assertThat(item.getDiscontinuity().getNewTopicSequence()).isGreaterThan(last);
          last = item.getDiscontinuity().getNewTopicSequence();
          gaps++;
        }
      }
      assertThat(gaps).isEqualTo(1);
      assertThat(read).isBetween(40, ITEMS / 2);
    }
  }

  private static void subscribe(Socket socket, String key) throws Exception {
    String body =
        WebFrames.request(
            _SubscriptionRequest.newBuilder()
                .setCacheName(CACHE)
                .setTopic(TOPIC)
                .build()
                .toByteArray());
    socket
        .getOutputStream()
        .write(
            ("POST /cache_client.pubsub.Pubsub/Subscribe HTTP/1.1\r\n"
                    + "Host: localhost\r\nauthorization: "
                    + key
                    + "\r\ncontent-type: application/grpc-web-text\r\ncontent-length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) socket.getInputStream().read());
    }
    assertThat(head).startsWith("HTTP/1.1 200").contains("transfer-encoding: chunked");
  }
}
